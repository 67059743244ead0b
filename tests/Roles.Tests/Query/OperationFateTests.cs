using VectorDb.Contracts;
using VectorDb.QueryApi;

namespace VectorDb.Roles.Tests;

public sealed class OperationFateTests
{
    [Fact]
    public void NobodyKnowsAnything_AllIsPending()
    {
        var fate = Fate(5, Told(0), Told(1));
        Assert.Equal((0, 0, 5, 0, false), (fate.Stored, fate.Rejected, fate.Pending, fate.Lost, fate.IsDone));
    }

    [Fact]
    public void Shards_AreAddedUp()
    {
        var fate = Fate(5, Told(0, 0, 3), Told(1, 1) with { Refused = [Refusal("bad", 4)] });
        Assert.Equal((3, 1, 1, false), (fate.Stored, fate.Rejected, fate.Pending, fate.IsDone));
        Assert.Equal([(4, "bad")], fate.Refusals(after: -1, limit: 10));
    }

    [Fact]
    public void PointRefusedOnceAndStoredLater_IsStored()
    {
        var fate = Fate(2, Told(0, 0), Told(1) with { Refused = [Refusal("bad", 0, 1)] });
        Assert.Equal((1, 1, true), (fate.Stored, fate.Rejected, fate.IsDone));
        Assert.Equal([(1, "bad")], fate.Refusals(-1, 10));
    }

    [Fact]
    public void Refusals_ArePagedInOrderWhateverTheirReason()
    {
        var fate = Fate(9, Told(0) with { Refused = [Refusal("odd", 1, 3, 5), Refusal("even", 2, 4)] });
        Assert.Equal([(1, "odd"), (2, "even")], fate.Refusals(-1, 2));
        Assert.Equal([(3, "odd"), (4, "even"), (5, "odd")], fate.Refusals(2, 10));
    }

    [Fact]
    public void AfterTheEndOfTheProcess_WhatIsNotDecidedIsLost()
    {
        var fate = new OperationFate(Guid.NewGuid(), 4, DateTimeOffset.UnixEpoch, [Told(0, 2)]) { MayBeLost = true };
        Assert.Equal((1, 3, 0, true), (fate.Stored, fate.Lost, fate.Pending, fate.IsDone));
    }

    static OperationFate Fate(int points, params OperationDescribed[] told) =>
        new(Guid.NewGuid(), points, DateTimeOffset.UnixEpoch, told);

    static OperationDescribed Told(int shard, params int[] stored) =>
        new() { Shard = shard, Stored = OrdinalBits.From(stored), Refused = [] };

    static RefusedPoints Refusal(string reason, params int[] ordinals) =>
        new() { Reason = reason, Ordinals = OrdinalBits.From(ordinals) };
}
