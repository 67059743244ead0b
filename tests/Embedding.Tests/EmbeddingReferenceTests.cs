using System.Numerics.Tensors;
using Xunit;

namespace VectorDb.Embedding.Tests;

public sealed class EmbeddingReferenceTests
{
    /// <summary>The bounds are those of the model files: the small one computes in fp32, the large one has 8-bit weights.</summary>
    [Theory]
    [InlineData(ModelPlaces.MiniLm, 0.9999, 0.9999)]
    [InlineData(ModelPlaces.Mpnet, 0.98, 0.999)]
    public void EveryReferenceText_GivesTheReferencesVector(string model, double leastCosine, double meanCosine)
    {
        var embedder = LoadedModels.Embedder(model);
        var references = LoadedModels.References<float>("embeddings.jsonl", model).ToArray();
        var embedded = embedder.Embed([.. references.Select(reference => reference.Text)], TestContext.Current.CancellationToken);
        var cosines = new double[references.Length];
        for (var i = 0; i < references.Length; i++)
        {
            cosines[i] = TensorPrimitives.CosineSimilarity(references[i].Numbers, embedded[i].Vector);
            Assert.True(cosines[i] >= leastCosine, $"{cosines[i]:f6} for \"{references[i].Text}\"");
            Assert.Equal(1f, TensorPrimitives.Norm<float>(embedded[i].Vector), 1e-5f);
        }

        Assert.Equal(160, references.Length);
        Assert.True(cosines.Average() >= meanCosine, $"mean {cosines.Average():f6}");
        TestContext.Current.TestOutputHelper!.WriteLine($"cosine: mean {cosines.Average():f6}, least {cosines.Min():f6}");
    }

    [Fact]
    public void Description_GivesWhatACollectionRecords()
    {
        var model = LoadedModels.Embedder(ModelPlaces.MiniLm).Model;
        Assert.Equal((ModelPlaces.MiniLm, 384, 256), (model.Name, model.Dimensions, model.MaxTokens));
        Assert.Equal("be67306457231037890c86901101212497e82459a0f4e52e8a6b31f0c3752804", model.Checksum);
    }
}
