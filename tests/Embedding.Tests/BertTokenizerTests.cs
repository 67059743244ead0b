using System.Diagnostics;
using CsCheck;
using Xunit;

namespace VectorDb.Embedding.Tests;

public sealed class BertTokenizerTests
{
    const int Cls = 101, Sep = 102, Unknown = 100, Mask = 103, VocabularyCount = 30_522;

    readonly Tokenization.BertTokenizer _tokenizer = LoadedModels.Tokenizer(ModelPlaces.MiniLm);

    [Theory]
    [InlineData(253, 255)]
    [InlineData(254, 256)]
    [InlineData(255, 256)]
    [InlineData(256, 256)]
    [InlineData(5_000, 256)]
    public void TextsAroundTheMaximum_AreCutToItAndKeepTheLastToken(int wordCount, int idCount)
    {
        var ids = _tokenizer.Encode(string.Join(' ', Enumerable.Repeat("the", wordCount)));
        Assert.Equal(idCount, ids.Length);
        Assert.Equal((Cls, Sep), (ids[0], ids[^1]));
        Assert.All(ids[1..^1], id => Assert.Equal(ids[1], id));
    }

    [Fact]
    public void AWordOfManyPiecesAtTheEnd_IsCutInsideTheWord()
    {
        var start = string.Join(' ', Enumerable.Repeat("the", 252));
        var whole = _tokenizer.Encode("electroencephalographically");
        var cut = _tokenizer.Encode($"{start} electroencephalographically");
        Assert.True(whole.Length > 4, "the word has to have more pieces than there is room for");
        Assert.Equal(256, cut.Length);
        Assert.Equal([whole[1], whole[2], Sep], cut[^3..]);
    }

    [Fact]
    public void SpecialTokensInTheText_BecomeTheirOwnIds()
    {
        Assert.Equal([Cls, Mask, Sep], _tokenizer.Encode("[MASK]"));
        Assert.Equal([Cls, Sep, Cls, Sep], _tokenizer.Encode("[SEP][CLS]"));
        Assert.DoesNotContain(Mask, _tokenizer.Encode("[mask] [MASK [ MASK ]"));
    }

    [Fact]
    public void SpecialTokensOfTheOtherModel_AreOrdinaryText()
    {
        Assert.Equal([0, 30_526, 2], LoadedModels.Tokenizer(ModelPlaces.Mpnet).Encode("<mask>"));
        Assert.True(_tokenizer.Encode("<mask>").Length > 3);
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(101, 1)]
    public void AWordOfOneHundredCharacters_IsSpelledAndOneMoreIsUnknown(int length, int unknownFrom)
    {
        var ids = _tokenizer.Encode(new string('a', length));
        if (length > 100)
            Assert.Equal([Cls, Unknown, Sep], ids);
        else
            Assert.DoesNotContain(Unknown, ids[unknownFrom..]);
    }

    [Theory]
    [InlineData("\uD83D")]
    [InlineData("a\uDE00b")]
    [InlineData("\uDE00\uD83D")]
    [InlineData("x\uD83D")]
    public void HalfASurrogatePair_IsLeftOut(string text) =>
        Assert.Equal(_tokenizer.Encode(string.Concat(text.Where(c => !char.IsSurrogate(c)))), _tokenizer.Encode(text));

    [Fact]
    public void NoncharactersThatTheRuntimeWillNotNormalise_AreUnknownWords()
    {
        Assert.Equal([Cls, Unknown, Sep], _tokenizer.Encode("\uFFFE"));
        Assert.Equal([Cls, Unknown, Sep], _tokenizer.Encode("a\uFFFE\u0903b\uFFFF"));
    }

    [Fact]
    public void AnyText_GivesIdsOfTheVocabularyBetweenTheSpecialTokens() =>
        Gen.Int[0, 0xFFFF].Select(unit => (char)unit).Array[0, 600].Select(units => new string(units)).Sample(
            text =>
            {
                var ids = _tokenizer.Encode(text);
                Assert.InRange(ids.Length, 2, 256);
                Assert.All(ids, id => Assert.InRange(id, 0, VocabularyCount - 1));
                Assert.Equal((Cls, Sep), (ids[0], ids[^1]));
            },
            iter: 2_000);

    [Fact]
    public void AnyTextInPieces_GivesTheIdsOfThePieces() =>
        Gen.String.Array[2, 6].Sample(
            parts =>
            {
                var joined = _tokenizer.Encode(string.Join(" \n", parts));
                var apart = parts.SelectMany(part => _tokenizer.Encode(part)[1..^1]).ToArray();
                if (apart.Length <= 254)
                    Assert.Equal(apart, joined[1..^1]);
            },
            iter: 2_000);

    [Theory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('é')]
    [InlineData('東')]
    [InlineData('\uD83D')]
    public void FiveMegabytesOfOneCharacter_CostMillisecondsAndNoMemory(char character)
    {
        var text = new string(character, 5_000_000);
        _tokenizer.Encode(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        _tokenizer.Encode(text);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(bytes, 0, 100_000);
        // Some 20 ms; the bound only has to catch something that is not linear.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void FiveMegabytesOfWords_AreReadOnlyAsFarAsTheModelReads()
    {
        var words = string.Concat(Enumerable.Repeat("some words 東京 café, ", 250_000));
        var start = words[..5_000];
        Assert.Equal(_tokenizer.Encode(start), _tokenizer.Encode(words));
        var whole = Measure(() => _tokenizer.Encode(words));
        Assert.True(whole < TimeSpan.FromMilliseconds(50), $"{whole} for the first 256 tokens of 5 MB");
    }

    /// <summary>The best of several, because the machine does other things too.</summary>
    static TimeSpan Measure(Action action)
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var watch = Stopwatch.StartNew();
            action();
            best = watch.Elapsed < best ? watch.Elapsed : best;
        }

        return best;
    }
}
