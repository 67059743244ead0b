using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class CoalescerTests
{
    readonly ConcurrentQueue<int[]> _batches = new();
    readonly SemaphoreSlim _go = new(0);
    volatile int _underWay;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Idle_PassesAnItemOnAtOnce()
    {
        await using var coalescer = Coalescer(new(BatchWeight: 64, BatchesAtOnce: 1, Waiting: 100));
        await coalescer.AddAsync(1, Stop);
        await UnderWayAsync(1);
        Assert.Equal([1], Assert.Single(_batches));
        _go.Release();
    }

    [Fact]
    public async Task Busy_CollectsUpToTheBatchWeightInOrder()
    {
        await using var coalescer = Coalescer(new(BatchWeight: 64, BatchesAtOnce: 1, Waiting: 200));
        await coalescer.AddAsync(0, Stop);
        await UnderWayAsync(1);
        for (var i = 1; i <= 100; i++)
            await coalescer.AddAsync(i, Stop);
        _go.Release(10);
        await Eventually.TrueAsync(() => _batches.Count == 3, "three batches");
        Assert.Equal([1, 64, 36], _batches.Select(batch => batch.Length));
        Assert.Equal(Enumerable.Range(0, 101), _batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task Weights_AreAddedUpAndAHeavyItemTravelsAlone()
    {
        await using var coalescer = Coalescer(new(BatchWeight: 10, BatchesAtOnce: 1, Waiting: 100), weight: item => item);
        await coalescer.AddAsync(1, Stop);
        await UnderWayAsync(1);
        foreach (var weight in new[] { 4, 6, 1, 50, 9, 1, 2 })
            await coalescer.AddAsync(weight, Stop);
        _go.Release(10);
        await Eventually.TrueAsync(() => _batches.Sum(batch => batch.Length) == 8, "all items");
        Assert.Equal(["1", "4 6", "1", "50", "9 1", "2"], _batches.Select(batch => string.Join(' ', batch)));
    }

    [Fact]
    public async Task AsManyBatchesAsAllowed_AreUnderWayTogether()
    {
        await using var coalescer = Coalescer(new(BatchWeight: 1, BatchesAtOnce: 2, Waiting: 100));
        for (var i = 0; i < 5; i++)
            await coalescer.AddAsync(i, Stop);
        await UnderWayAsync(2);
        Assert.Equal(2, _batches.Count);
        _go.Release(5);
        await Eventually.TrueAsync(() => _batches.Count == 5, "five batches");
    }

    [Fact]
    public async Task ItemThatDoesNotFit_GoesWithTheNextFreeBatch()
    {
        await using var coalescer = Coalescer(new(BatchWeight: 2, BatchesAtOnce: 2, Waiting: 100));
        await coalescer.AddAsync(0, Stop);
        await UnderWayAsync(1);
        await coalescer.AddAsync(1, Stop);
        await UnderWayAsync(2);
        for (var i = 2; i < 5; i++)
            await coalescer.AddAsync(i, Stop);
        _go.Release(2);
        await Eventually.TrueAsync(() => _batches.Count == 4, "both of the next batches under way");
        Assert.Equal([1, 1, 1, 2], _batches.Select(batch => batch.Length).Order());
        _go.Release(2);
    }

    [Fact]
    public async Task MoreThanMayWait_AreRefused()
    {
        await using var coalescer = Coalescer(new(BatchWeight: 1, BatchesAtOnce: 1, Waiting: 2));
        Assert.True(coalescer.TryAdd(0));
        await UnderWayAsync(1);
        Assert.True(coalescer.TryAdd(1));
        Assert.True(coalescer.TryAdd(2));
        Assert.False(coalescer.TryAdd(3));
        var waiting = coalescer.AddAsync(4, Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        _go.Release(10);
        await waiting;
        await Eventually.TrueAsync(() => _batches.Count == 4, "what was taken");
        Assert.Equal([0, 1, 2, 4], _batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task BatchThatThrows_DoesNotStopTheNext()
    {
        var handled = new ConcurrentQueue<int>();
        await using var coalescer = new Coalescer<int>(
            new(BatchWeight: 1, BatchesAtOnce: 1, Waiting: 10),
            (batch, _) =>
            {
                handled.Enqueue(batch[0]);
                return batch[0] == 1 ? throw new InvalidOperationException("told to") : Task.CompletedTask;
            },
            NullLogger.Instance);
        for (var i = 0; i < 3; i++)
            await coalescer.AddAsync(i, Stop);
        await Eventually.TrueAsync(() => handled.Count == 3, "all three");
    }

    [Fact]
    public async Task Disposed_FinishesWhatWaitsAndTakesNoMore()
    {
        var coalescer = Coalescer(new(BatchWeight: 2, BatchesAtOnce: 1, Waiting: 100));
        for (var i = 0; i < 7; i++)
            await coalescer.AddAsync(i, Stop);
        _go.Release(10);
        await coalescer.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, 7), _batches.SelectMany(batch => batch));
        Assert.False(coalescer.TryAdd(8));
    }

    Coalescer<int> Coalescer(CoalescerLimits limits, Func<int, int>? weight = null) => new(
        limits,
        async (batch, stop) =>
        {
            _batches.Enqueue([.. batch]);
            Interlocked.Increment(ref _underWay);
            await _go.WaitAsync(stop);
            Interlocked.Decrement(ref _underWay);
        },
        NullLogger.Instance,
        weight);

    Task UnderWayAsync(int count) => Eventually.TrueAsync(() => _underWay == count, $"{count} batches under way");
}
