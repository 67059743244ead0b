using System.Collections.Concurrent;
using System.Text.Json;
using VectorDb.Embedding.Tokenization;

namespace VectorDb.Embedding.Tests;

/// <summary>Models loaded once for all tests; embedders are meant to be shared, so the tests share them too.</summary>
static class LoadedModels
{
    static readonly ConcurrentDictionary<string, Lazy<OnnxEmbedder>> Embedders = new();
    static readonly ConcurrentDictionary<string, Lazy<BertTokenizer>> Tokenizers = new();

    public static OnnxEmbedder Embedder(string modelName)
    {
        var models = ModelPlaces.ModelsPath(modelName);
        return Embedders.GetOrAdd(modelName, name => new(() => OnnxEmbedder.Load(ModelFolder.Find(models, name)))).Value;
    }

    public static BertTokenizer Tokenizer(string modelName)
    {
        var models = ModelPlaces.ModelsPath(modelName);
        return Tokenizers.GetOrAdd(modelName, name => new(() => BertTokenizer.Load(ModelFolder.Find(models, name)))).Value;
    }

    /// <summary>Texts with the reference's numbers for one model.</summary>
    public static IEnumerable<(string Text, T[] Numbers)> References<T>(string fileName, string modelName)
    {
        foreach (var line in File.ReadLines(ModelPlaces.DataFile(fileName)))
        {
            using var json = JsonDocument.Parse(line);
            yield return (json.RootElement.GetProperty("text").GetString()!,
                json.RootElement.GetProperty(modelName).Deserialize<T[]>()!);
        }
    }
}
