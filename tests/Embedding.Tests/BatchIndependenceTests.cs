using CsCheck;
using Xunit;

namespace VectorDb.Embedding.Tests;

/// <summary>The same text gives the same bits, whatever stands beside it and however many threads run.</summary>
public sealed class BatchIndependenceTests
{
    /// <summary>Lengths on both sides of each multiple of the row step, and the cut.</summary>
    static readonly string[] Texts =
    [
        "", "a", "two words", "a person who studies insects", "café naïve 東京 😀",
        .. Enumerable.Range(1, 24).Select(Words), Words(61), Words(62), Words(63), Words(64), Words(120), Words(300),
    ];

    [Theory]
    [InlineData(ModelPlaces.MiniLm, 25)]
    [InlineData(ModelPlaces.Mpnet, 2)]
    public void AnyCompany_GivesTheSameBits(string model, int rounds)
    {
        var embedder = LoadedModels.Embedder(model);
        var alone = Texts.Select(text => embedder.Embed([text])[0]).ToArray();
        Gen.Int[0, Texts.Length - 1].Array[2, 40].Sample(
            picks =>
            {
                var together = embedder.Embed([.. picks.Select(pick => Texts[pick])]);
                for (var i = 0; i < picks.Length; i++)
                    AssertSame(alone[picks[i]], together[i], Texts[picks[i]]);
            },
            iter: rounds,
            threads: 1);
    }

    [Fact]
    public void AFullBatchOfOneLength_GivesTheSameBitsInEveryRow()
    {
        var embedder = LoadedModels.Embedder(ModelPlaces.MiniLm);
        foreach (var wordCount in new[] { 1, 6, 30 })
        {
            var alone = embedder.Embed([Words(wordCount)], Token)[0];
            var rows = embedder.Embed([.. Enumerable.Repeat(Words(wordCount), TokenBatch.TokensMax / (wordCount + 2) + 3)], Token);
            Assert.All(rows, row => AssertSame(alone, row, $"{wordCount} words"));
        }
    }

    [Fact]
    public void CallsSideBySide_GiveTheSameBits()
    {
        var embedder = LoadedModels.Embedder(ModelPlaces.MiniLm);
        var alone = embedder.Embed(Texts, Token);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, call =>
        {
            var from = call % 3;
            var texts = Texts[from..];
            var together = embedder.Embed(texts);
            for (var i = 0; i < texts.Length; i++)
                AssertSame(alone[from + i], together[i], texts[i]);
        });
    }

    [Fact]
    public void OneBatchAtATime_GivesTheSameBitsAsTwo()
    {
        var folder = ModelFolder.Find(ModelPlaces.Repository, ModelPlaces.MiniLm);
        using var one = OnnxEmbedder.Load(folder, new EmbedderOptions { ParallelBatches = 1 });
        using var two = OnnxEmbedder.Load(folder, new EmbedderOptions { ParallelBatches = 2 });
        foreach (var (left, right) in one.Embed(Texts, Token).Zip(two.Embed(Texts, Token)))
            AssertSame(left, right, "another number of workers");
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => i % 3 == 0 ? "market" : "news"));

    static void AssertSame(EmbeddedText expected, EmbeddedText actual, string text)
    {
        Assert.Equal(expected.TokenCount, actual.TokenCount);
        Assert.True(expected.Vector.AsSpan().SequenceEqual(actual.Vector), $"other bits for \"{text}\"");
    }
}
