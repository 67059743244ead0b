using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using VectorDb.Engine;
using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

public sealed class ShardWriterTests : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly Shard _shard;
    readonly ShardWriter _writer;
    readonly ManualResetEventSlim _go = new();

    public ShardWriterTests()
    {
        _shard = Shard.Open(new() { Path = Path.Combine(_folder.Path, "0.sqlite3"), Number = 0 });
        _writer = new(_shard, NullLogger.Instance);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ChangesThatWaitTogether_ShareCommits()
    {
        var busy = await BlockAsync();
        var changes = Enumerable.Range(1, 100).Select(i => _writer.WriteAsync(
            transaction =>
            {
                Store(transaction, i);
                return transaction;
            },
            Stop)).ToList();
        _go.Set();
        var transactions = await Task.WhenAll(changes);
        await busy;
        // 32 changes a commit: 100 make four.
        Assert.Equal([32, 32, 32, 4], transactions.GroupBy(transaction => transaction).Select(shared => shared.Count()));
        Assert.Equal(100, _shard.Stats.Points);
    }

    [Fact]
    public async Task ChangeIsComplete_OnlyAfterItsCommit()
    {
        for (var i = 1; i <= 20; i++)
        {
            await _writer.WriteAsync(transaction => Store(transaction, i), Stop);
            Assert.Equal(PointState.Live, _shard.Read(new(Wire.Id((ulong)i))).State);
        }
    }

    [Fact]
    public async Task ChangeThatFails_FailsAlone()
    {
        var busy = await BlockAsync();
        var changes = Enumerable.Range(1, 20).Select(i => _writer.WriteAsync(
            transaction => i == 7 ? throw new InvalidOperationException("told to") : Store(transaction, i), Stop)).ToList();
        _go.Set();
        await busy;
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => changes[6]);
        Assert.Equal("told to", failure.Message);
        changes.RemoveAt(6);
        await Task.WhenAll(changes);
        Assert.Equal(19, _shard.Stats.Points);
        Assert.Equal(PointState.Absent, _shard.Read(new(Wire.Id(7))).State);
    }

    [Fact]
    public async Task Disposed_FinishesWhatWaitsAndTakesNoMore()
    {
        var busy = await BlockAsync();
        var changes = Enumerable.Range(1, 50).Select(i => _writer.WriteAsync(transaction => Store(transaction, i), Stop)).ToList();
        var disposing = _writer.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        _go.Set();
        await disposing;
        await busy;
        await Task.WhenAll(changes);
        Assert.Equal(50, _shard.Stats.Points);
        await Assert.ThrowsAsync<ChannelClosedException>(() => _writer.WriteAsync(transaction => Store(transaction, 99), Stop));
    }

    public async ValueTask DisposeAsync()
    {
        _go.Set();
        await _writer.DisposeAsync();
        _shard.Dispose();
        _folder.Dispose();
        _go.Dispose();
    }

    /// <summary>Keeps the writer inside a change until told to go on. Defines the schema on the way.</summary>
    async Task<Task> BlockAsync()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var busy = _writer.WriteAsync(
            transaction =>
            {
                transaction.DefineSchema(new(1, Metric.Dot));
                begun.TrySetResult();
                _go.Wait();
                return true;
            },
            Stop);
        await begun.Task.WaitAsync(Stop);
        return busy;
    }

    static bool Store(ShardTransaction transaction, int number)
    {
        transaction.DefineSchema(new(1, Metric.Dot));
        transaction.Upsert(new() { Key = new(Wire.Id((ulong)number)), Version = 1, Vector = [number] });
        return true;
    }
}
