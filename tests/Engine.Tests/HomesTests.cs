using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>Directory entries that go from one home to another, and places that go away.</summary>
public sealed class HomesTests
{
    static readonly PointKey A = VectorGen.Key(1), B = VectorGen.Key(2), C = VectorGen.Key(3);

    [Fact]
    public void WhatIsTakenOver_GetsHigherVersionsAndTheSameAnswersAsBefore()
    {
        using TempShard old = new(), next = new(number: 1);
        Claim(next, Guid.NewGuid(), C, 1);
        var operation = Guid.NewGuid();
        Claim(old, Guid.NewGuid(), A, 0);
        var first = Claim(old, operation, A, 2);
        Claim(old, Guid.NewGuid(), B, 0);
        Claim(old, Guid.NewGuid(), B, null);
        Copy(old, next);
        Copy(old, next);
        Assert.Equivalent(old.Shard.Locate(A), next.Shard.Locate(A), strict: true);
        Assert.True(next.Shard.Locate(B)!.Deleted);
        Assert.Equal(2, next.Shard.Stats.DirectoryEntries);
        Assert.Equivalent(first, Claim(next, operation, A, target: 7), strict: true);
        Assert.Equal(5, Claim(next, Guid.NewGuid(), A, 1).Version);
        next.Close();
        Assert.Equal(6, Claim(next, Guid.NewGuid(), C, 1).Version);
        Assert.Empty(next.Shard.Validate().Problems);
    }

    [Fact]
    public void ALateCopy_ChangesNothingThatWasDecidedSince()
    {
        using TempShard old = new(), next = new(number: 1);
        Claim(old, Guid.NewGuid(), A, 0);
        Copy(old, next);
        Claim(next, Guid.NewGuid(), A, 2);
        next.Write(transaction => transaction.Release(A, place: 0, evictedVersion: 2));
        Copy(old, next);
        Assert.Equal([new Place(2, 2)], next.Shard.Locate(A)!.Places);
        Assert.Equal(1, next.Shard.Stats.DirectoryEntries);
    }

    [Fact]
    public void WhenAnIdWasClaimed_GoesWithIt_AndReleasingAPlaceDoesNotChangeIt()
    {
        using TempShard old = new(), next = new(number: 1);
        Claim(old, Guid.NewGuid(), A, 0);
        Claim(old, Guid.NewGuid(), A, 3);
        var at = old.Shard.HomeEntries(null, 10)[0].AtMs;
        var clock = new StoppedClock(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        next.Options = next.Options with { Clock = clock };
        Copy(old, next);
        next.Write(transaction => transaction.Release(A, place: 0, evictedVersion: 2));
        Assert.Equal(at, next.Shard.HomeEntries(null, 10)[0].AtMs);
    }

    [Fact]
    public void AnAbandonedPlace_IsForgotten_AndAnIdWithoutPlacesCountsAsDeleted()
    {
        using var temp = new TempShard();
        Claim(temp, Guid.NewGuid(), A, 1);
        Claim(temp, Guid.NewGuid(), A, 5);
        Claim(temp, Guid.NewGuid(), B, 5);
        temp.Write(transaction =>
        {
            transaction.AbandonPlace(A, place: 5, claimedVersion: 1);
            transaction.AbandonPlace(A, place: 5, claimedVersion: 2);
            transaction.AbandonPlace(B, place: 5, claimedVersion: 3);
        });
        Assert.Equal([new Place(1, 1)], temp.Shard.Locate(A)!.Places);
        Assert.Equal((true, 0), (temp.Shard.Locate(B)!.Deleted, temp.Shard.Locate(B)!.Places.Count));
        Assert.Equal(1, temp.Shard.Stats.DirectoryEntries);
    }

    [Fact]
    public void AClaimForAShardThatIsGone_IsLedToWhereTheIdIs()
    {
        using var temp = new TempShard();
        var (stored, deleted, open) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        Claim(temp, stored, A, 5);
        Claim(temp, Guid.NewGuid(), A, 1);
        Claim(temp, deleted, B, 5);
        Claim(temp, Guid.NewGuid(), B, null);
        Claim(temp, open, C, 5);
        temp.Write(transaction =>
        {
            transaction.Release(A, place: 5, evictedVersion: 2);
            transaction.Release(B, place: 5, evictedVersion: 4);
        });
        var past = new ClaimGrant(1, 1, [], Existed: false) { IsPast = true };
        Assert.Equivalent(past, Claim(temp, stored, A, 2, targetsBelow: 4), strict: true);
        Assert.Equal(0, Claim(temp, deleted, B, 2, targetsBelow: 4).Version);
        // Its row may still be there, or on its way.
        Assert.Equal(5, Claim(temp, open, C, 2, targetsBelow: 4).Target);
    }

    [Fact]
    public void AClaimForAShardThatIsGone_IsStoredElsewhere_WhereNothingNewerCanStillCome()
    {
        using var temp = new TempShard();
        var move = Guid.NewGuid();
        Claim(temp, Guid.NewGuid(), A, 1);
        Claim(temp, move, A, 5);
        temp.Write(transaction => transaction.AbandonPlace(A, place: 5, claimedVersion: 2));
        // The latest claim: its row is the one that counts.
        var latest = new ClaimGrant(2, 1, [], Existed: true);
        Assert.Equivalent(latest, Claim(temp, move, A, 2, targetsBelow: 4), strict: true);
        Claim(temp, Guid.NewGuid(), A, 3);
        Assert.True(Claim(temp, move, A, 2, targetsBelow: 4).IsPast);
        // The newer claim is from before the start, and its row died with the process.
        var again = Claim(temp, move, A, 2, targetsBelow: 4, settledBeforeMs: long.MaxValue);
        Assert.Equivalent(latest with { Target = 3 }, again, strict: true);
    }

    [Fact]
    public void ForgottenEntries_AreGoneWithTheirCount()
    {
        using var temp = new TempShard();
        Claim(temp, Guid.NewGuid(), A, 1);
        Claim(temp, Guid.NewGuid(), B, 1);
        temp.Write(transaction =>
        {
            transaction.ForgetEntry(A);
            transaction.ForgetEntry(A);
            transaction.ForgetEntry(C);
        });
        Assert.Null(temp.Shard.Locate(A));
        Assert.Equal(1, temp.Shard.Stats.DirectoryEntries);
        Assert.Equal(B, Assert.Single(temp.Shard.HomeEntries(null, 10)).Entry.Key);
    }

    static void Copy(TempShard from, TempShard to)
    {
        var entries = from.Shard.HomeEntries(null, 100);
        var claims = from.Shard.Copy.Claims(null, 100);
        to.Write(transaction => transaction.TakeOver(entries, claims, from.Shard.Copy.Version));
    }

    static ClaimGrant Claim(TempShard temp, Guid operation, PointKey key, int? target, int targetsBelow = 0, long settledBeforeMs = 0) =>
        temp.Shard.Write(transaction => transaction.Claim(
            new Claim(operation, 0, key, target) { TargetsBelow = targetsBelow, SettledBeforeMs = settledBeforeMs }));

    sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
