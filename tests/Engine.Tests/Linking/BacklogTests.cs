using VectorDb.Engine.Index;

namespace VectorDb.Engine.Tests.Linking;

/// <summary>When linking waits for writers, and when writers wait for linking.</summary>
public sealed class BacklogTests
{
    const int Dimensions = 384;
    const int UnsearchedMost = 20_000;

    readonly SteppedClock _clock = new();
    readonly Backlog _backlog;

    public BacklogTests() => _backlog = new Backlog(Dimensions, (long)UnsearchedMost * Dimensions * sizeof(float), _clock);

    [Fact]
    public void WhileRowsPourIn_LinkingWaits()
    {
        Pour(rows: 10_000, perSecond: 5_000);
        Assert.True(_backlog.MayGrow(fresh: 10_000));
        Assert.Equal(UnsearchedMost, _backlog.Most);
    }

    [Fact]
    public void AfterThem_ItGoesOn()
    {
        Pour(rows: 10_000, perSecond: 5_000);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_backlog.MayGrow(fresh: 10_000));
    }

    [Fact]
    public void WhoWritesSlowly_IsNotWaitedFor()
    {
        Pour(rows: 10_000, perSecond: 500);
        Assert.False(_backlog.MayGrow(fresh: 100));
    }

    [Fact]
    public void AFewRows_AreNoBurst()
    {
        Pour(rows: 640, perSecond: 5_000);
        Assert.False(_backlog.MayGrow(fresh: 640));
    }

    [Fact]
    public void OnceSomebodySearches_WhatWaitsIsLinked_AndWritersWaitForIt()
    {
        Pour(rows: 10_000, perSecond: 5_000);
        _backlog.Searched();
        Assert.False(_backlog.MayGrow(fresh: 10_000));
        Assert.Equal(Backlog.SearchedMost, _backlog.Most);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Pour(rows: 5_000, perSecond: 5_000);
        Assert.True(_backlog.MayGrow(fresh: 10_000));
    }

    [Fact]
    public void AFullBacklog_IsLinkedUnderTheWriters()
    {
        Pour(rows: 19_000, perSecond: 5_000);
        Assert.True(_backlog.MayGrow(UnsearchedMost - Backlog.SearchedMost - 1));
        Assert.False(_backlog.MayGrow(UnsearchedMost - Backlog.SearchedMost));
    }

    [Fact]
    public void WithoutRoom_NothingWaits()
    {
        var backlog = new Backlog(Dimensions, bytes: 0, _clock);
        for (var i = 0; i < 100; i++)
            backlog.Wrote(64);
        Assert.False(backlog.MayGrow(fresh: 1));
        Assert.Equal(Backlog.SearchedMost, backlog.Most);
    }

    [Fact]
    public void ABurst_IsLinkedInTheEnd_AndFoundMeanwhile()
    {
        using var shard = new LinkedShard(Metric.Cosine, seed: 4);
        for (var first = 0; first < 12_000; first += 1_000)
            shard.Upsert(Enumerable.Range(first, 1_000));
        for (var i = 0; i < 10; i++)
            shard.Search();
        shard.WaitForLinks();
        for (var i = 0; i < 10; i++)
            shard.Search();
        Assert.InRange(shard.Recall, 0.9, 1);
    }

    /// <summary>In batches of 64.</summary>
    void Pour(int rows, int perSecond)
    {
        for (var left = rows; left > 0; left -= 64)
        {
            _backlog.Wrote(Math.Min(64, left));
            _clock.Advance(TimeSpan.FromSeconds(64.0 / perSecond));
        }
    }

    sealed class SteppedClock : TimeProvider
    {
        long _ticks = 1_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
