using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.IngestWorker.Publishing;

namespace VectorDb.Roles.Tests;

public sealed class BatchFatesTests
{
    readonly ManualClock _clock = new();
    readonly LoadProgress _progress = new();

    [Fact]
    public void Batch_IsDoneWhenEachRowIsStoredOrRefused()
    {
        var fates = new BatchFates(_progress, _clock);
        var batch = fates.Begin(Rows(3));
        fates.Take(Stored(batch.Id, 0, 2));
        Assert.False(batch.Done.IsCompleted);
        Assert.Equal([1], batch.Open.Select(row => row.Number));
        fates.Take(new PointsRejected { Points = [new() { OperationId = batch.Id, Ordinal = 1, Reason = "has a fault" }] });
        Assert.True(batch.Done.IsCompleted);
        Assert.Equal((2, 1), (_progress.Stored, _progress.Rejected));
        Assert.Contains("line 2 ", Assert.Single(_progress.Rejections));
        Assert.Empty(fates.Open);
    }

    [Fact]
    public void FateToldTwiceOrOfSomebodyElse_CountsOnceOrNot()
    {
        var fates = new BatchFates(_progress, _clock);
        var batch = fates.Begin(Rows(2));
        fates.Take(Stored(batch.Id, 0, 0, 7, -1));
        fates.Take(Stored(batch.Id, 0));
        fates.Take(Stored(Guid.NewGuid(), 1));
        Assert.Equal(1, _progress.Stored);
        Assert.False(batch.Done.IsCompleted);
    }

    [Fact]
    public void WhatShardsAnswerLater_DecidesToo()
    {
        var fates = new BatchFates(_progress, _clock);
        var batch = fates.Begin(Rows(3));
        fates.Take(Stored(batch.Id, 0));
        fates.Take(batch.Id, new() { Shard = 0, Stored = OrdinalBits.From([0, 1]), Refused = [] });
        fates.Take(batch.Id, new()
        {
            Shard = 1,
            Stored = [],
            Refused = [new() { Reason = "has a fault", Ordinals = OrdinalBits.From([2]) }],
        });
        Assert.True(batch.Done.IsCompleted);
        Assert.Equal((2, 1), (_progress.Stored, _progress.Rejected));
    }

    [Fact]
    public void Quiet_IsTheTimeSinceSomethingMovedWhileRowsAreUnderWay()
    {
        var fates = new BatchFates(_progress, _clock);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, fates.Quiet);
        var batch = fates.Begin(Rows(2));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), fates.Quiet);
        fates.Take(Stored(batch.Id, 0));
        Assert.Equal(TimeSpan.Zero, fates.Quiet);
    }

    static PointsStored Stored(Guid operation, params int[] ordinals) => new()
    {
        Shard = 0,
        Points = [.. ordinals.Select(ordinal => new StoredPoint { OperationId = operation, Ordinal = ordinal, Version = 1 })],
    };

    static LoadedRow[] Rows(int count) => [.. Enumerable.Range(0, count).Select(i =>
        LoadedRow.Check(i, i + 1, 10, new PointInput { Id = PointId.From((ulong)i), Vector = [1] }))];
}
