using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>Readers while a writer writes.</summary>
public sealed class ConcurrencyTests
{
    const int Dimensions = 48, Rows = 300;

    static readonly CollectionSchema Schema = new(Dimensions, Metric.Dot);

    /// <summary>
    /// Every transaction replaces all rows by ones whose numbers are all its version, so any mixture shows.
    /// </summary>
    [Fact]
    public async Task Searches_SeeEachTransactionWholeAndNeverOneBeforeTheLastAcknowledged()
    {
        using var temp = new TempShard(schema: Schema);
        WriteAll(temp, 1);
        var acknowledged = 1L;
        var isOver = false;
        var faults = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(() =>
        {
            var query = Enumerable.Repeat(1f, Dimensions).ToArray();
            for (var count = 0; !Volatile.Read(ref isOver); count++)
            {
                var atLeast = Volatile.Read(ref acknowledged);
                var hits = temp.Search(query, Rows + 1, withContents: count % 4 == reader);
                if (Fault(hits, atLeast, withContents: count % 4 == reader) is { } fault)
                    faults.Enqueue(fault);
            }
        })).ToArray();
        for (var version = 2; version <= 120 && faults.IsEmpty; version++)
        {
            WriteAll(temp, version);
            Volatile.Write(ref acknowledged, version);
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(readers);
        Assert.Empty(faults);
        Assert.Empty(temp.Shard.Validate().Problems);
    }

    [Fact]
    public async Task Dispose_WaitsForReadersAndRefusesLaterOnes()
    {
        using var temp = new TempShard(schema: Schema);
        WriteAll(temp, 1);
        var shard = temp.Shard;
        var query = new SearchQuery { Vector = new float[Dimensions], TopK = 5, WithPayload = true };
        var searches = new int[3];
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(() =>
        {
            while (true)
            {
                shard.Search([query]);
                shard.Read(VectorGen.Key(1));
                Interlocked.Increment(ref searches[reader]);
            }
        })).ToArray();
        SpinWait.SpinUntil(() => searches.All(count => count > 20));
        shard.Dispose();
        foreach (var reader in readers)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reader);
        using var again = Shard.Open(temp.Options);
        Assert.Equal(Rows, again.Stats.Points);
    }

    [Fact]
    public void ACancelledSearch_Stops()
    {
        using var temp = new TempShard(schema: Schema);
        WriteAll(temp, 1);
        var query = new SearchQuery { Vector = new float[Dimensions], TopK = 5 };
        Assert.Throws<OperationCanceledException>(() => temp.Shard.Search([query], new CancellationToken(canceled: true)));
        Assert.Equal(5, temp.Shard.Search([query])[0].Length);
    }

    static void WriteAll(TempShard temp, long version) => temp.Write(transaction =>
    {
        var vector = Enumerable.Repeat((float)version, Dimensions).ToArray();
        for (var i = 0; i < Rows; i++)
        {
            transaction.Upsert(new PointRow
            {
                Key = VectorGen.Key(i),
                Version = version,
                Vector = vector,
                Payload = $"{version}",
            });
        }
    });

    static string? Fault(SearchHit[] hits, long atLeast, bool withContents)
    {
        if (hits.Length != Rows)
            return $"{hits.Length} hits";
        var version = hits[0].Version;
        if (version < atLeast)
            return $"version {version} after {atLeast} was acknowledged";
        if (hits.FirstOrDefault(hit => hit.Version != version || hit.Score != version * Dimensions) is { } mixed)
            return $"version {mixed.Version} with score {mixed.Score} among version {version}";
        if (withContents && hits.Any(hit => hit.Payload != $"{version}" || hit.Vector!.Any(x => x != version)))
            return $"contents of another version than {version}";
        return hits.Select(hit => hit.Key).SequenceEqual(hits.Select(hit => hit.Key).Order()) ? null : "ties out of order";
    }
}
