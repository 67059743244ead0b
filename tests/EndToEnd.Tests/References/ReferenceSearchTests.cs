using System.Text;
using System.Text.Json;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.References;

/// <summary>
/// All of AG News, embedded, stored and searched by the whole pipeline, against what sentence-transformers and an exact scan found.
/// </summary>
public sealed class ReferenceSearchTests
{
    const int Rows = 7_600;
    const int BatchPoints = 64;
    const int RequestsAtOnce = 8;
    const int Top = 10;

    /// <summary>The bound of the project: the model is quantised nowhere, so only the order of float32 sums differs.</summary>
    const double ScoreTolerance = 0.001;

    [Fact]
    public async Task QuestionsInPlainWords_FindTheReferencesTopTen_WithAndWithoutCentroids()
    {
        var references = File.ReadLines(RepositoryFiles.SharedOrSkip("search_minilm.jsonl"))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var texts = File.ReadLines(RepositoryFiles.SharedOrSkip("ag_news_test.csv")).Select(TextOf).ToList();
        Assert.Equal((10, Rows), (references.Count, texts.Count));

        float[][] vectors;
        await using (var server = await InProcessServer.StartNewAsync())
        {
            await StoreAsync(server.Api, [.. texts.Select((text, id) => (object)new { id, text })]);
            await AssertReferencesAsync(server.Api, references);
            vectors = await VectorsAsync(server.Api);
        }

        await using var placed = await InProcessServer.StartNewAsync();
        (await placed.Api.PostAsync("train", new { vectors = vectors.Where((_, i) => i % 10 == 0) })).Expect();
        await StoreAsync(placed.Api, [.. vectors.Select((vector, id) => (object)new { id, vector })]);
        var shards = (await placed.Api.GetAsync("")).Expect()["shards"].EnumerateArray();
        Assert.All(shards, shard => Assert.InRange(shard.GetProperty("points").GetInt32(), Rows / 10, Rows / 2));
        await AssertReferencesAsync(placed.Api, references);
    }

    static async Task StoreAsync(Api api, IReadOnlyList<object> points)
    {
        await Parallel.ForEachAsync(
            points.Chunk(BatchPoints), new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce },
            async (batch, _) => (await api.PostAsync("store", new { points = batch })).Expect());
        Assert.Equal(Rows, await api.CountAsync());
    }

    static async Task AssertReferencesAsync(Api api, List<JsonElement> references)
    {
        foreach (var reference in references)
        {
            var query = reference.GetProperty("query").GetString();
            var answer = (await api.PostAsync("search", new { text = query, top_k = Top, shards_to_search = "all" })).Expect();
            Assert.False(answer["partial"].GetBoolean());
            var found = answer["results"].EnumerateArray().ToList();
            Assert.Equal(
                reference.GetProperty("rows").Deserialize<int[]>()!.Take(Top), found.Select(hit => hit.GetProperty("id").GetInt32()));
            foreach (var (hit, score) in found.Zip(reference.GetProperty("scores").Deserialize<double[]>()!))
                Assert.True(
                    Math.Abs(hit.GetProperty("score").GetDouble() - score) <= ScoreTolerance,
                    $"\"{query}\": row {hit.GetProperty("id")} scores {hit.GetProperty("score")}, the reference {score}");
        }
    }

    /// <summary>The vectors as stored, by row.</summary>
    static async Task<float[][]> VectorsAsync(Api api)
    {
        var search = new { text = "anything", top_k = 10_000, shards_to_search = "all", with_vector = true, with_payload = false };
        var vectors = new float[Rows][];
        foreach (var hit in (await api.PostAsync("search", search)).Expect()["results"].EnumerateArray())
            vectors[hit.GetProperty("id").GetInt32()] = hit.GetProperty("vector").Deserialize<float[]>()!;
        Assert.DoesNotContain(null, vectors);
        return vectors;
    }

    /// <summary>Title, a space and the description of a line `"class","title","description"`, in which "" stands for one quote.</summary>
    static string TextOf(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[++i]);
            else if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (line[i] == ',' && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(line[i]);
        return $"{fields[1]} {field}";
    }
}
