using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>What replicas of a shard are made of: planned changes applied elsewhere, and copies page by page.</summary>
public sealed class ReplicationTests
{
    const int Dimensions = 3;

    static readonly CollectionSchema Schema = new(Dimensions, Metric.Cosine);

    [Fact]
    public void APlan_ChangesNothingUntilItIsApplied()
    {
        using var temp = new TempShard(schema: Schema);
        var claim = new Claim(Guid.NewGuid(), 0, VectorGen.Key(1), 2);
        var (grant, change) = temp.Shard.Plan(transaction =>
        {
            transaction.PutDocument("d", [7]);
            transaction.Record(claim.Operation, [3, 1], "is refused");
            return transaction.Claim(claim);
        });
        Assert.Equal(1, grant.Version);
        Assert.Equal((0, null, null), (temp.Shard.Stats.DirectoryEntries, temp.Shard.Locate(claim.Key), temp.Shard.GetDocument("d")));
        Assert.Empty(temp.Shard.Outcomes(claim.Operation));
        Assert.Empty(temp.Shard.Validate().Problems);

        Apply(temp.Shard, change);
        Assert.Equivalent(new Outcome([3, 1], "is refused"), Assert.Single(temp.Shard.Outcomes(claim.Operation)), strict: true);
        Assert.Equal([new Place(2, 1)], temp.Shard.Locate(claim.Key)!.Places);
        Assert.Equal([7], temp.Shard.GetDocument("d"));
        Assert.Equivalent(grant, temp.Shard.Write(transaction => transaction.Claim(claim)), strict: true);
        Assert.Equal(2, temp.Shard.Write(transaction => transaction.Claim(claim with { Ordinal = 1 })).Version);
        Assert.Empty(temp.Shard.Validate().Problems);
    }

    [Fact]
    public void APlanThatFails_LeavesTheShardUsable()
    {
        using var temp = new TempShard(schema: Schema);
        Assert.Throws<InvalidOperationException>(() => temp.Shard.Plan<int>(transaction =>
        {
            transaction.Claim(new Claim(Guid.NewGuid(), 0, VectorGen.Key(1), 2));
            throw new InvalidOperationException();
        }));
        Assert.Equal(0, temp.Shard.Stats.DirectoryEntries);
        temp.Upsert(VectorGen.Key(1), 1, [1, 0, 0]);
        Assert.Empty(temp.Shard.Validate().Problems);
    }

    [Fact]
    public void PlansAppliedInOrder_MakeTwoShardsTheSame()
    {
        using var leader = new TempShard(schema: Schema);
        using var follower = new TempShard(schema: Schema);
        var random = new Random(FirstSeed.Value);
        var operations = new List<Claim>();
        for (var i = 0; i < 300; i++)
        {
            var steps = random.Next(1, 4);
            var (_, change) = leader.Shard.Plan(
                transaction => Enumerable.Range(0, steps).Count(_ => Step(transaction, operations, random)));
            Apply(leader.Shard, change);
            Apply(follower.Shard, change);
            if (random.Next(10) == 0)
                Apply(follower.Shard, change);
        }
        Assert.Equal(Described(leader.Shard), Described(follower.Shard));
        // Releases at random may take away what no real history would: then both lack it.
        Assert.Equal(leader.Shard.Validate().Problems, follower.Shard.Validate().Problems);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 200)]
    [InlineData(1_000, 1_000_000)]
    public void ACopyPageByPage_IsTheSameShard(int limit, int bytes)
    {
        using var source = new TempShard(schema: Schema);
        using var copy = new TempShard(schema: Schema);
        var random = new Random(FirstSeed.Value);
        var operations = new List<Claim>();
        for (var i = 0; i < 200; i++)
            source.Write(transaction => Step(transaction, operations, random));
        for (var i = 0; i < 300; i++)
            source.Write(transaction =>
            {
                var key = VectorGen.Key(random.Next(60));
                if (random.Next(4) == 0)
                    transaction.Evict(key, i + 1);
                else
                    transaction.Upsert(new()
                    {
                        Key = key,
                        Version = i + 1,
                        Epoch = random.Next(3),
                        Vector = [random.Next(1, 9), random.Next(9), random.Next(9)],
                        Payload = random.Next(2) == 0 ? null : $"{{\"n\":{i}}}",
                        Text = random.Next(2) == 0 ? null : $"text {i}",
                    });
            });
        CopyAll(source.Shard, copy.Shard, limit, bytes);
        Assert.Equal(Described(source.Shard), Described(copy.Shard));
        Assert.Equal(source.Shard.Validate().Problems, copy.Shard.Validate().Problems);
        Assert.Equal(Found(source), Found(copy));
    }

    static IEnumerable<(PointKey, float)> Found(TempShard shard) => shard.Search([1, 2, 3], 20).Select(hit => (hit.Key, hit.Score));

    static bool Step(ShardTransaction transaction, List<Claim> operations, Random random)
    {
        switch (random.Next(9))
        {
            case 0 when operations.Count > 0:
                transaction.Claim(operations[random.Next(operations.Count)]);
                break;
            case 1:
                transaction.Release(VectorGen.Key(random.Next(20)), random.Next(4), random.Next(1, 300));
                break;
            case 2:
                transaction.PutDocument($"document {random.Next(3)}", [(byte)random.Next(256)]);
                break;
            case 3:
                var ordinals = Enumerable.Range(0, random.Next(1, 5)).ToList();
                transaction.Record(Guid.NewGuid(), ordinals, random.Next(2) == 0 ? null : "is refused");
                break;
            default:
                var target = random.Next(4);
                var claim = new Claim(Guid.NewGuid(), random.Next(3), VectorGen.Key(random.Next(20)), target < 3 ? target : null);
                operations.Add(claim);
                transaction.Claim(claim);
                break;
        }
        return true;
    }

    static void Apply(Shard shard, DirectoryChange change) => shard.Write(transaction =>
    {
        transaction.Apply(change);
        return true;
    });

    static void CopyAll(Shard source, Shard target, int limit, int bytes)
    {
        var from = source.Copy;
        PointKey? key = null;
        do
        {
            var (rows, next) = from.Rows(key, limit, bytes);
            target.Write(transaction => rows.Count(row => transaction.Upsert(row) == UpsertOutcome.Applied));
            key = next;
        }
        while (key is not null);
        foreach (var tombstone in Pages(from.Tombstones, limit, tombstone => tombstone.Key))
            target.Write(transaction => transaction.Evict(tombstone.Key, tombstone.Version));
        Apply(target, new()
        {
            Version = from.Version,
            Entries = [.. Pages(from.Entries, limit, entry => entry.Key)],
            Claims = [.. AllClaims(from, limit)],
            Outcomes = [.. AllOutcomes(from, limit)],
            Documents = from.Documents(),
        });
    }

    static IEnumerable<T> Pages<T>(Func<PointKey?, int, IReadOnlyList<T>> read, int limit, Func<T, PointKey> keyOf)
    {
        PointKey? after = null;
        while (read(after, limit) is { Count: > 0 } page)
        {
            foreach (var item in page)
                yield return item;
            after = keyOf(page[^1]);
        }
    }

    static IEnumerable<ClaimRecord> AllClaims(ShardCopy copy, int limit)
    {
        ClaimRecord? after = null;
        while (copy.Claims(after, limit) is { Count: > 0 } page)
        {
            foreach (var claim in page)
                yield return claim;
            after = page[^1];
        }
    }

    static IEnumerable<OutcomeRecord> AllOutcomes(ShardCopy copy, int limit)
    {
        var after = 0L;
        while (copy.Outcomes(after, limit) is { Outcomes.Count: > 0 } page)
        {
            foreach (var outcome in page.Outcomes)
                yield return outcome;
            after = page.Last;
        }
    }

    static List<string> Described(Shard shard)
    {
        var copy = shard.Copy;
        var rows = copy.Rows(null, 10_000, int.MaxValue).Rows;
        return
        [
            .. rows.Select(row => $"row {row.Key} {row.Version} {row.Epoch} {string.Join(' ', row.Vector)} {row.Payload} {row.Text}"),
            .. copy.Tombstones(null, 10_000).Select(tombstone => $"tombstone {tombstone.Key} {tombstone.Version}"),
            .. copy.Entries(null, 10_000).Select(
                entry => $"entry {entry.Key} {entry.Version} {entry.Deleted} {string.Join(' ', entry.Places)}"),
            .. copy.Claims(null, 10_000).Select(claim => $"{claim}"),
            .. copy.Outcomes(0, 10_000).Outcomes
                .Select(outcome => $"outcome {outcome.Operation} {string.Join(' ', outcome.Ordinals)} {outcome.Refusal}").Distinct(),
            .. copy.Documents().Select(document => $"document {document.Name} {Convert.ToHexString(document.Bytes)}"),
            $"version {copy.Version}, entries {shard.Stats.DirectoryEntries}",
        ];
    }
}
