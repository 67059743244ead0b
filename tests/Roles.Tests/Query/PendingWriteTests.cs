using CsCheck;
using VectorDb.Contracts;
using VectorDb.QueryApi;

namespace VectorDb.Roles.Tests;

public sealed class PendingWriteTests
{
    /// <summary>What a shard or the router may say about one point.</summary>
    abstract record Word(int Ordinal);

    sealed record StoredWord(int Ordinal, int Shard, long Version, int[] Evicting) : Word(Ordinal);

    sealed record EvictedWord(int Ordinal, int Shard) : Word(Ordinal);

    sealed record RejectedWord(int Ordinal) : Word(Ordinal);

    /// <summary>All that is said about one point: refused, or stored in one shard with evictions elsewhere.</summary>
    static Gen<Word[]> WordsOf(int ordinal) => Gen.Select(Gen.Int[0, 7], Gen.Int[0, 4], Gen.Int[0, 3].Array[0, 3], (kind, shard, others) =>
        kind == 0
            ? [new RejectedWord(ordinal)]
            : (Word[])[
                new StoredWord(ordinal, shard, 100 + ordinal, [.. others.Distinct().Order()]),
                .. others.Distinct().Select(other => new EvictedWord(ordinal, other)),
            ]);

    static readonly Gen<(int Points, Word[] Words)> AnyOrder = Gen.Select(
        WordsOf(0), WordsOf(1), WordsOf(2), Gen.Int[1, 3], Gen.Int,
        (first, second, third, points, seed) => (points, Shuffled([.. new[] { first, second, third }.Take(points)], seed)));

    [Fact]
    public void WordsInAnyOrderAndTwice_EndTheWriteExactlyWhenAllIsSaid() => AnyOrder.Sample((points, words) =>
    {
        var write = new PendingWrite(points);
        var said = new HashSet<Word>();
        var all = words.ToHashSet();
        foreach (var word in words)
        {
            Assert.Equal(IsComplete(points, said, all), write.Done.IsCompleted);
            Say(write, word);
            said.Add(word);
        }
        Assert.True(write.Done.IsCompletedSuccessfully);
        var fates = write.Done.GetAwaiter().GetResult();
        foreach (var stored in words.OfType<StoredWord>())
        {
            var fate = fates[stored.Ordinal];
            Assert.Equal((stored.Shard, stored.Version, null), (fate.Shard, fate.Version, fate.Reason));
        }
        foreach (var rejected in words.OfType<RejectedWord>())
            Assert.Equal("no", fates[rejected.Ordinal].Reason);
    });

    [Fact]
    public async Task Delete_IsDoneWhenThePlacesHaveLetGo()
    {
        var write = new PendingWrite(1);
        write.Deleted(0, home: 2, new() { Ordinal = 0, Version = 9, Existed = true, Evicting = [0, 1] });
        write.Evicted(0, 1);
        Assert.False(write.Done.IsCompleted);
        write.Evicted(0, 0);
        var fate = Assert.Single(await write.Done);
        Assert.Equal((9, true), (fate.Version, fate.Existed));
    }

    [Fact]
    public async Task DeleteOfNothing_IsDoneAtOnce()
    {
        var write = new PendingWrite(1);
        write.Deleted(0, home: 2, new() { Ordinal = 0, Version = 0, Existed = false });
        Assert.False(Assert.Single(await write.Done).Existed);
    }

    [Fact]
    public void WordsAboutOtherPoints_AreIgnored()
    {
        var write = new PendingWrite(1);
        write.Stored(1, 0, 1, []);
        write.Stored(-1, 0, 1, []);
        Assert.False(write.Done.IsCompleted);
    }

    [Fact]
    public async Task SecondAnswerAfterTheFirst_ChangesNothing()
    {
        var write = new PendingWrite(2);
        write.Stored(0, 1, 5, []);
        write.Rejected(0, "late");
        write.Stored(0, 2, 6, [3]);
        Assert.False(write.Done.IsCompleted);
        write.Stored(1, 1, 7, []);
        Assert.Equal([5L, 7L], (await write.Done).Select(fate => fate.Version!.Value));
        Assert.Null((await write.Done)[0].Reason);
    }

    [Fact]
    public async Task Writes_AreToldApartByTheirOperation()
    {
        var writes = new PendingWrites();
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var (one, two) = (writes.Add(first, 1), writes.Add(second, 2));
        Assert.Equal(3, writes.Points);
        writes.Take(new PointsStored { Shard = 1, Points = [Stored(second, 0), Stored(first, 0), Stored(Guid.NewGuid(), 0)] });
        writes.Take(new PointsRejected { Points = [new() { OperationId = second, Ordinal = 1, Reason = "no" }] });
        Assert.Single(await one.Done);
        Assert.Equal("no", (await two.Done)[1].Reason);
        writes.Remove(first);
        writes.Remove(first);
        Assert.Equal(2, writes.Points);
    }

    static bool IsComplete(int points, HashSet<Word> said, HashSet<Word> all) => Enumerable.Range(0, points)
        .All(ordinal => all.Where(word => word.Ordinal == ordinal).All(said.Contains));

    static StoredPoint Stored(Guid operation, int ordinal) => new() { OperationId = operation, Ordinal = ordinal, Version = 1 };

    /// <summary>In another order, some words twice.</summary>
    static Word[] Shuffled(Word[][] words, int seed)
    {
        var random = new Random(seed);
        var all = words.SelectMany(word => word).ToList();
        all.AddRange(all.Where(_ => random.Next(3) == 0).ToList());
        var shuffled = all.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    static void Say(PendingWrite write, Word word)
    {
        if (word is StoredWord stored)
            write.Stored(stored.Ordinal, stored.Shard, stored.Version, stored.Evicting);
        else if (word is EvictedWord evicted)
            write.Evicted(evicted.Ordinal, evicted.Shard);
        else
            write.Rejected(word.Ordinal, "no");
    }
}
