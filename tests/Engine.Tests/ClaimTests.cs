using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

public sealed class ClaimTests
{
    static readonly PointKey A = VectorGen.Key(1), B = VectorGen.Key(2);

    [Fact]
    public void Versions_AscendOverAllIdsOfAHome()
    {
        using var temp = new TempShard();
        var versions = new[] { A, B, A, B }.Select(key => Claim(temp, Guid.NewGuid(), key, 3).Version);
        Assert.Equal([1, 2, 3, 4], versions);
        temp.Close();
        Assert.Equal(5, Claim(temp, Guid.NewGuid(), A, 3).Version);
    }

    [Fact]
    public void ANewTarget_LeavesTheOldPlaceToEvict()
    {
        using var temp = new TempShard();
        Assert.Equivalent(new ClaimGrant(1, 3, [], Existed: false), Claim(temp, Guid.NewGuid(), A, 3), strict: true);
        Assert.Equivalent(new ClaimGrant(2, 1, [3], Existed: true), Claim(temp, Guid.NewGuid(), A, 1), strict: true);
        Assert.Equivalent(new ClaimGrant(3, null, [1, 3], Existed: true), Claim(temp, Guid.NewGuid(), A, null), strict: true);
        Assert.Equivalent(new ClaimGrant(4, 3, [1], Existed: false), Claim(temp, Guid.NewGuid(), A, 3), strict: true);
        var entry = temp.Shard.Locate(A)!;
        Assert.Equal((4L, false), (entry.Version, entry.Deleted));
        Assert.Equal([new Place(1, 2), new Place(3, 4)], entry.Places);
    }

    [Fact]
    public void ARepeatedClaim_GetsItsFirstAnswerAndOnlyOlderPlaces()
    {
        using var temp = new TempShard();
        Claim(temp, Guid.NewGuid(), A, 1);
        var operation = Guid.NewGuid();
        Claim(temp, operation, A, 2);
        Claim(temp, Guid.NewGuid(), A, 3);
        var before = temp.Shard.Locate(A)!;
        var again = Claim(temp, operation, A, target: 7);
        Assert.Equivalent(new ClaimGrant(2, 2, [1], Existed: true), again, strict: true);
        var after = temp.Shard.Locate(A)!;
        Assert.Equal((before.Version, before.Deleted), (after.Version, after.Deleted));
        Assert.Equal(before.Places, after.Places);
    }

    [Fact]
    public void AMove_IsGrantedOnlyWhileItsVersionIsTheLatest()
    {
        using var temp = new TempShard();
        Claim(temp, Guid.NewGuid(), A, 1);
        var move = Guid.NewGuid();
        Assert.Equivalent(new ClaimGrant(2, 3, [1], Existed: true), Move(temp, move, A, 3, onlyIf: 1), strict: true);
        // Again: the same answer, although the version is not the latest any more.
        Assert.Equal(2, Move(temp, move, A, 3, onlyIf: 1).Version);
        var before = temp.Shard.Locate(A)!;
        Assert.Equal(0, Move(temp, Guid.NewGuid(), A, 4, onlyIf: 1).Version);
        Assert.Equal(0, Move(temp, Guid.NewGuid(), B, 4, onlyIf: 1).Version);
        Assert.Equal(before.Places, temp.Shard.Locate(A)!.Places);
        Assert.Null(temp.Shard.Locate(B));
        Claim(temp, Guid.NewGuid(), A, null);
        Assert.Equal(0, Move(temp, Guid.NewGuid(), A, 4, onlyIf: 3).Version);
    }

    [Fact]
    public void AClaimThatNeverGetsItsRow_DoesNotStandAgainstAMoveForEver()
    {
        using var temp = new TempShard();
        Claim(temp, Guid.NewGuid(), A, 1);
        Claim(temp, Guid.NewGuid(), A, 2);
        Assert.Equal(0, Move(temp, Guid.NewGuid(), A, 3, onlyIf: 1).Version);
        Assert.Equal(3, Move(temp, Guid.NewGuid(), A, 3, onlyIf: 1, settledBefore: long.MaxValue).Version);
    }

    [Fact]
    public void OrdinalsOfOneOperation_AreClaimsOfTheirOwn()
    {
        using var temp = new TempShard();
        var operation = Guid.NewGuid();
        var grants = temp.Shard.Write(transaction => new[]
        {
            transaction.Claim(new Claim(operation, 0, A, 1)), transaction.Claim(new Claim(operation, 1, A, 1)),
            transaction.Claim(new Claim(operation, 0, A, 1)),
        });
        Assert.Equal([1, 2, 1], grants.Select(grant => grant.Version));
        Assert.Throws<ClaimReusedException>(() => Claim(temp, operation, B, 1));
    }

    [Fact]
    public void APlace_IsReleasedOnlyByAnEvictionOfALaterVersion()
    {
        using var temp = new TempShard();
        Claim(temp, Guid.NewGuid(), A, 1);
        Claim(temp, Guid.NewGuid(), A, 2);
        temp.Write(transaction => transaction.Release(A, 1, 1));
        Assert.Equal(2, temp.Shard.Locate(A)!.Places.Count);
        temp.Write(transaction => transaction.Release(A, 1, 2));
        temp.Write(transaction => transaction.Release(A, 2, 2));
        temp.Write(transaction => transaction.Release(B, 2, 2));
        Assert.Equal([new Place(2, 2)], temp.Shard.Locate(A)!.Places);
        Assert.Null(temp.Shard.Locate(B));
    }

    [Fact]
    public void WhatRetentionHasPassed_IsForgottenAndVersionsAreNotReused()
    {
        var clock = new SettableClock();
        using var temp = new TempShard(schema: new CollectionSchema(1, Metric.Dot));
        temp.Close();
        temp.Options = temp.Options with { Clock = clock };
        var operations = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()).ToArray();
        for (var i = 0; i < operations.Length; i++)
        {
            Claim(temp, operations[i], VectorGen.Key(i), 3);
            var deleted = Claim(temp, Guid.NewGuid(), VectorGen.Key(i), null);
            temp.Write(transaction => transaction.Release(VectorGen.Key(i), 3, deleted.Version));
        }
        temp.Write(transaction => transaction.Evict(A, 3));
        temp.Write(transaction => transaction.Record(operations[0], [1]));
        temp.Write(transaction => transaction.Claim(new Claim(Guid.NewGuid(), 0, B, 4)));
        Assert.Equal(1, temp.Shard.Stats.Tombstones);
        Assert.NotNull(temp.Shard.Locate(A));
        Assert.Single(temp.Shard.Outcomes(operations[0]));

        clock.Now += temp.Options.ClaimRetention + TimeSpan.FromSeconds(1);
        for (var i = 0; i < 20; i++)
            temp.Write(transaction => transaction.PutDocument("x", [1]));
        Assert.Equal(0, temp.Shard.Stats.Tombstones);
        Assert.Null(temp.Shard.Locate(A));
        Assert.Empty(temp.Shard.Outcomes(operations[0]));
        Assert.NotNull(temp.Shard.Locate(B));
        Assert.Equal(202, Claim(temp, operations[0], VectorGen.Key(0), 3).Version);
        Assert.Empty(temp.Shard.Validate().Problems);
    }

    [Fact]
    public void DeletingWhatIsNotThere_LeavesNoEntryAndIsRememberedWhenAPointCameSince()
    {
        using var temp = new TempShard();
        var (delete, key) = (Guid.NewGuid(), VectorGen.Key(77));
        var first = Claim(temp, delete, key, null);
        Assert.False(first.Existed);
        Assert.Null(temp.Shard.Locate(key));
        var stored = Claim(temp, Guid.NewGuid(), key, 2);
        var again = Claim(temp, delete, key, null);
        Assert.False(again.Existed);
        Assert.Empty(again.OtherPlaces);
        Assert.Equal((stored.Version, false), (temp.Shard.Locate(key)!.Version, temp.Shard.Locate(key)!.Deleted));
    }

    [Fact]
    public void Unsettled_NamesIdsInSeveralPlacesAndDeletedOnesInAny()
    {
        using var temp = new TempShard();
        var (moving, deleted, settled) = (VectorGen.Key(1), VectorGen.Key(2), VectorGen.Key(3));
        Claim(temp, Guid.NewGuid(), moving, 1);
        Claim(temp, Guid.NewGuid(), moving, 2);
        Claim(temp, Guid.NewGuid(), deleted, 1);
        Claim(temp, Guid.NewGuid(), deleted, null);
        Claim(temp, Guid.NewGuid(), settled, 1);
        Assert.Equal([moving, deleted], temp.Shard.Unsettled(null, 10).Select(entry => entry.Key));
        Assert.Equal([deleted], temp.Shard.Unsettled(moving, 10).Select(entry => entry.Key));
        var version = temp.Shard.Locate(deleted)!.Version;
        temp.Write(transaction => transaction.Release(deleted, 1, version));
        temp.Write(transaction => transaction.Release(moving, 1, 2));
        Assert.Empty(temp.Shard.Unsettled(null, 10));
    }

    static ClaimGrant Claim(TempShard temp, Guid operation, PointKey key, int? target) =>
        temp.Shard.Write(transaction => transaction.Claim(new Claim(operation, 0, key, target)));

    sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    static ClaimGrant Move(TempShard temp, Guid operation, PointKey key, int target, long onlyIf, long settledBefore = 0) =>
        temp.Shard.Write(transaction => transaction.Claim(
            new Claim(operation, 0, key, target) { OnlyIfVersion = onlyIf, SettledBeforeMs = settledBefore }));
}
