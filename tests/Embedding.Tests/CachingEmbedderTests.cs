using Xunit;

namespace VectorDb.Embedding.Tests;

public sealed class CachingEmbedderTests
{
    const int EntryBytes = 200 + 384 * sizeof(float);

    readonly OnnxEmbedder _inner = LoadedModels.Embedder(ModelPlaces.MiniLm);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void ARepeatedText_IsAnsweredFromMemoryWithTheSameBits()
    {
        var cache = new CachingEmbedder(_inner);
        var first = cache.Embed(["one", "two"], Token);
        var second = cache.Embed(["two", "three", "one"], Token);
        Assert.Equal((2, 3), cache.Counts);
        Assert.Equal(first[1].Vector, second[0].Vector);
        Assert.Equal(first[0], second[2] with { Vector = first[0].Vector });
        Assert.Equal(_inner.Embed(["three"], Token)[0].Vector, second[1].Vector);
    }

    [Fact]
    public void ACallerThatChangesItsVector_ChangesNobodyElses()
    {
        var cache = new CachingEmbedder(_inner);
        cache.Embed(["text"], Token)[0].Vector.AsSpan().Clear();
        cache.Embed(["text"], Token)[0].Vector.AsSpan().Clear();
        Assert.Equal(_inner.Embed(["text"], Token)[0].Vector, cache.Embed(["text"], Token)[0].Vector);
    }

    [Fact]
    public void MoreEntriesThanTheLimit_DropTheLeastRecentlyUsed()
    {
        var cache = new CachingEmbedder(_inner, entriesMax: 2);
        cache.Embed(["a", "b"], Token);
        cache.Embed(["a"], Token);
        cache.Embed(["c"], Token);
        Assert.Equal(2, cache.Size.Entries);
        var (hits, misses) = cache.Counts;
        cache.Embed(["a", "c"], Token);
        cache.Embed(["b"], Token);
        Assert.Equal((hits + 2, misses + 1), cache.Counts);
    }

    [Fact]
    public void MoreBytesThanTheLimit_DropEntries()
    {
        var cache = new CachingEmbedder(_inner, bytesMax: 3 * (EntryBytes + 100));
        cache.Embed([.. Enumerable.Range(0, 10).Select(i => $"text {i}")], Token);
        Assert.Equal(3, cache.Size.Entries);
        cache.Embed([new string('x', 1_000_000)], Token);
        Assert.Equal(3, cache.Size.Entries);
        Assert.InRange(cache.Size.Bytes, 3 * EntryBytes, 3 * (EntryBytes + 100));
    }

    [Fact]
    public void ACallOfManyTexts_IsNotRemembered()
    {
        var cache = new CachingEmbedder(_inner);
        cache.Embed([.. Enumerable.Range(0, CachingEmbedder.RememberedTextsMax + 1).Select(i => $"{i}")], Token);
        Assert.Equal((0, 0L), cache.Size);
    }

    [Fact]
    public void ThreadsThatShareACache_GetTheirOwnTexts()
    {
        var cache = new CachingEmbedder(_inner, entriesMax: 8);
        var expected = Enumerable.Range(0, 16).Select(i => _inner.Embed([$"word {i}"], Token)[0].Vector).ToArray();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, i =>
        {
            var word = i * 7 % (i % 2 == 0 ? 16 : 6);
            Assert.Equal(expected[word], cache.Embed([$"word {word}"], Token)[0].Vector);
        });
        Assert.Equal(8, cache.Size.Entries);
        Assert.True(cache.Counts.Hits > 0);
    }

    [Fact]
    public void ANullText_IsRefusedWithItsPosition()
    {
        var error = Assert.Throws<ArgumentException>(() => new CachingEmbedder(_inner).Embed([null!], Token));
        Assert.Contains("Text 0 of 1 is null", error.Message, StringComparison.Ordinal);
    }
}
