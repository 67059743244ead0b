using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class InFlightBatchesTests
{
    [Fact]
    public async Task BatchWithAnIdUnderWay_WaitsForIt()
    {
        var inFlight = new InFlightBatches(8);
        var first = new TaskCompletionSource();
        var secondBegan = false;
        await inFlight.AddAsync(Batch(1, 2), _ => first.Task);
        await inFlight.AddAsync(Batch(3), _ => Task.CompletedTask);
        var adding = inFlight.AddAsync(Batch(2, 4), _ =>
        {
            secondBegan = true;
            return Task.CompletedTask;
        });
        Assert.False(secondBegan);
        first.SetResult();
        await adding;
        Assert.True(secondBegan);
        await inFlight.WaitAsync();
    }

    [Fact]
    public async Task BatchBeyondTheLimit_WaitsForRoom()
    {
        var inFlight = new InFlightBatches(2);
        var open = new TaskCompletionSource();
        await inFlight.AddAsync(Batch(1), _ => open.Task);
        await inFlight.AddAsync(Batch(2), _ => open.Task);
        var adding = inFlight.AddAsync(Batch(3), _ => Task.CompletedTask);
        Assert.False(adding.IsCompleted);
        open.SetResult();
        await adding;
    }

    [Fact]
    public async Task FailedBatch_StopsTheNext()
    {
        var inFlight = new InFlightBatches(1);
        await inFlight.AddAsync(Batch(1), _ => Task.FromException(new IOException("gone")));
        await Assert.ThrowsAsync<IOException>(() => inFlight.AddAsync(Batch(2), _ => Task.CompletedTask));
    }

    static LoadedRow[] Batch(params ulong[] ids) =>
        [.. ids.Select(id => LoadedRow.Check((long)id, 1, 10, new PointInput { Id = PointId.From(id), Text = "a" }))];
}
