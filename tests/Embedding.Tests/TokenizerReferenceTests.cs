using Xunit;

namespace VectorDb.Embedding.Tests;

public sealed class TokenizerReferenceTests
{
    [Theory]
    [InlineData(ModelPlaces.MiniLm)]
    [InlineData(ModelPlaces.Mpnet)]
    public void EveryReferenceText_GivesTheReferencesIds(string model)
    {
        var tokenizer = LoadedModels.Tokenizer(model);
        var textCount = 0;
        foreach (var (text, ids) in LoadedModels.References<int>("tokens.jsonl", model))
        {
            Assert.True(ids.AsSpan().SequenceEqual(tokenizer.Encode(text)),
                $"{text}\nexpected {string.Join(' ', ids)}\nactual   {string.Join(' ', tokenizer.Encode(text))}");
            textCount++;
        }

        Assert.Equal(289, textCount);
    }
}
