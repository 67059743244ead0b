using System.Collections.Concurrent;
using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.Roles.Tests;

public sealed class UpsertPointsConsumerTests(ShardCluster cluster) : IClassFixture<ShardCluster>
{
    readonly RoleHost _host = cluster.Host;
    readonly Inbox _inbox = cluster.Inbox;

    [Fact]
    public async Task Rows_AreStoredAndTheCallerIsTold()
    {
        var (first, second) = (Wire.Id(1), Wire.Id(2));
        var stored = await _host.StoreAsync(_inbox, Wire.Upsert(0, Wire.Row(first, 1), Wire.Row(second, 2) with { Text = "two" }));
        Assert.Equal([(0, 1L), (1, 2L)], stored.Points.Select(point => (point.Ordinal, point.Version)));
        Assert.Equal(0, stored.Shard);
        var reading = _host.Read(0, second);
        Assert.Equal((PointState.Live, 2), (reading.State, reading.Version));
        Assert.Equal(("two", "{\"version\":2}"), (reading.Row!.Text, reading.Row.Payload));
        Assert.Equal([1f, 0, 0], reading.Row.Vector);
    }

    [Fact]
    public async Task SameMessageTwice_ChangesNothingAndIsAnsweredTwice()
    {
        var id = Wire.Id(10);
        var row = Wire.Row(id, 4) with { ReplyTo = _inbox.Address };
        await _host.SendAsync(ShardAddress.Write(1), Wire.Upsert(1, row));
        await AnswersAsync(row, 1);
        var before = _host.Engine(1).Stats;
        await _host.SendAsync(ShardAddress.Write(1), Wire.Upsert(1, row));
        await AnswersAsync(row, 2);
        Assert.Equal((before.Points, before.Tombstones), (_host.Engine(1).Stats.Points, _host.Engine(1).Stats.Tombstones));
        Assert.Equal((PointState.Live, 4), (_host.Read(1, id).State, _host.Read(1, id).Version));
    }

    [Fact]
    public async Task OlderVersionAfterANewer_ChangesNothing()
    {
        var id = Wire.Id(20);
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(id, 9)));
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(id, 8)));
        Assert.Equal("{\"version\":9}", _host.Read(1, id).Row!.Payload);
    }

    [Fact]
    public async Task PastRow_IsAnsweredAndNotStored()
    {
        var (past, row) = (Wire.Id(25), Wire.Id(26));
        var stored = await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(past, 3) with { IsPast = true }, Wire.Row(row, 4)));
        Assert.Equal([3L, 4L], stored.Points.Select(point => point.Version));
        Assert.Equal((false, true), (_host.Read(1, past).State == PointState.Live, _host.Read(1, row).State == PointState.Live));
    }

    [Fact]
    public async Task RowOlderThanAnEviction_StaysAway()
    {
        var id = Wire.Id(30);
        await _host.AskAsync<EvictPoints, PointsEvicted>(ShardAddress.Write(1), Wire.Evict(1, Wire.Eviction(id, 7)));
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(id, 6)));
        Assert.Equal((PointState.Tombstone, 7), (_host.Read(1, id).State, _host.Read(1, id).Version));
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(id, 8)));
        Assert.Equal(PointState.Live, _host.Read(1, id).State);
    }

    [Fact]
    public async Task OtherPlaces_AreToldToEvictAfterTheCommitOnly()
    {
        var ids = Enumerable.Range(40, 10).Select(i => Wire.Id((ulong)i)).ToList();
        var observer = new CommitObserver(_host, shard: 0, ids);
        using var connected = _host.Bus.ConnectSendObserver(observer);
        await _host.StoreAsync(_inbox, Wire.Upsert(0, [.. ids.Select((id, i) => Wire.Row(id, 50 + i) with { OtherPlaces = [1, 2] })]));
        Assert.Equal(20, observer.Seen.Count);
        Assert.All(observer.Seen, seen => Assert.Equal(PointState.Live, seen));
    }

    [Fact]
    public async Task NewRow_EndsInOnePlaceAndItsHomeKnows()
    {
        var id = Wire.IdAt(home: 0, from: 60);
        await _host.PlaceAsync(_inbox, id, 1);
        var grant = await _host.PlaceAsync(_inbox, id, 2);
        Assert.Equal([1], grant.OtherPlaces);
        await Eventually.TrueAsync(() => _host.PlacesOf(id) is [2], "the home knows one place");
        Assert.Equal((PointState.Tombstone, grant.Version), (_host.Read(1, id).State, _host.Read(1, id).Version));
        Assert.Equal((PointState.Live, grant.Version), (_host.Read(2, id).State, _host.Read(2, id).Version));
        Assert.Contains(_inbox.All<PointsEvicted>(), evicted => evicted.Shard == 1);
    }

    [Fact]
    public async Task RowsThatCannotBeCommitted_FaultTogetherAndNothingIsTold()
    {
        var (good, bad) = (Wire.Id(80), Wire.Id(81));
        var rows = Wire.Upsert(
            0,
            Wire.Row(good, 1) with { ReplyTo = _inbox.Address, OtherPlaces = [2] },
            Wire.Row(bad, 1) with { ReplyTo = _inbox.Address, OtherPlaces = [2], Vector = Wire.Vector(1, 2) });
        await _host.SendAsync(ShardAddress.Write(0), rows, send => send.FaultAddress = _inbox.Address);
        var fault = await _inbox.NextAsync<Fault<UpsertPoints>>();
        Assert.Contains("2 dimensions came to a collection of 3", fault.Exceptions[0].Message);
        Assert.Equal(PointState.Absent, _host.Read(0, good).State);
        Assert.DoesNotContain(_inbox.All<PointsStored>(), stored => stored.Points.Any(p => p.OperationId == rows.Points[0].OperationId));
        Assert.Equal(PointState.Absent, _host.Read(2, good).State);
    }

    Task AnswersAsync(UpsertPoint row, int count) => Eventually.TrueAsync(
        () => _inbox.All<PointsStored>().Count(stored => stored.Points.Any(point => point.OperationId == row.OperationId)) == count,
        $"{count} answers");

    /// <summary>Looks, at the moment an eviction is sent, whether the row that it makes room for is on disk.</summary>
    sealed class CommitObserver(RoleHost host, int shard, List<byte[]> ids) : ISendObserver
    {
        public ConcurrentQueue<PointState> Seen { get; } = new();

        public Task PreSend<T>(SendContext<T> context)
            where T : class
        {
            if (context.Message is EvictPoints evict)
                foreach (var point in evict.Points.Where(point => ids.Any(id => id.AsSpan().SequenceEqual(point.Id))))
                    Seen.Enqueue(host.Read(shard, point.Id).State);
            return Task.CompletedTask;
        }

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
