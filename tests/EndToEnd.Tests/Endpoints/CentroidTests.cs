using System.Text.Json;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>Setting and training centroids; each test on a server of its own, since they decide where everything goes.</summary>
public sealed class CentroidTests : IAsyncLifetime
{
    static readonly float[][] Axes = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];

    static readonly Dictionary<string, float[]> AxisByAxis = Axes.Index().ToDictionary(axis => $"{axis.Index}", axis => axis.Item);

    InProcessServer _server = null!;

    Api Api => _server.Api;

    public async ValueTask InitializeAsync() => _server = await InProcessServer.StartNewAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task BothShapes_DecideWherePointsGo_AndLaterMoveThem()
    {
        var first = (await SetAsync(AxisByAxis)).Expect();
        Assert.Equal((1, 4), (first["epoch"].GetInt32(), first["centroids"].GetInt32()));
        Assert.False(first["migration"].GetProperty("started").GetBoolean());
        // As the original sends them: a list a shard; here in reverse, and two for shard 0.
        var second = (await SetAsync("""{"0":[[0,0,0,1],[0,0,0,-1]],"1":[[0,0,1,0]],"2":[[0,1,0,0]],"3":[[1,0,0,0]]}""")).Expect();
        Assert.Equal((2, 5), (second["epoch"].GetInt32(), second["centroids"].GetInt32()));
        var status = (await Api.GetAsync("")).Expect();
        Assert.Equal(2, status["collection"].GetProperty("epoch").GetInt32());
        Assert.Equal(2, status["centroids"].GetProperty("0").GetArrayLength());
        Assert.Equal([1, 0, 0, 0], status["centroids"].GetProperty("3")[0].Deserialize<float[]>()!);
        Assert.False((await Api.GetAsync("?with_centroids=false")).Expect().Json.TryGetProperty("centroids", out _));

        foreach (var (axis, vector) in Axes.Index())
            Assert.Equal(3 - axis, (await Api.PostAsync("store", new { id = axis, vector })).Expect()["shard"].GetInt32());
        Assert.Equal(0, (await Api.PostAsync("store", new { id = 9, vector = new[] { 0, 0, 0, -1 } })).Expect()["shard"].GetInt32());

        var third = (await SetAsync(AxisByAxis)).Expect();
        Assert.Equal(3, third["epoch"].GetInt32());
        Assert.True(third["migration"].GetProperty("started").GetBoolean());
        await MigratedAsync();
        foreach (var (axis, vector) in Axes.Index())
        {
            var point = (await Api.GetAsync($"get/{axis}")).Expect();
            Assert.Equal(axis, point["shard"].GetInt32());
            Assert.Equal(vector, point["vector"].Deserialize<float[]>()!);
            var found = (await Api.PostAsync("search", new { query_vector = vector, top_k = 1, shards_to_search = 1 })).Expect();
            Assert.Equal(axis, found["results"][0].GetProperty("id").GetInt32());
            Assert.Equal(1, found["shards"].GetProperty("asked").GetInt32());
        }
        // 0 and 3 changed their shards; 1 and 2 too, as the order was reversed; 9 is nearest to any of the three others.
        Assert.Equal(5, (await Api.GetAsync("")).Expect()["points"].GetInt32());
    }

    [Fact]
    public async Task TrainingFromWhatIsStored_MovesIt()
    {
        var points = Enumerable.Range(0, 200)
            .Select(id => new { id, vector = Axes[id % 4].Select((x, d) => x + 0.05f * ((id * 7 + d * 3) % 5)).ToArray() }).ToList();
        (await Api.PostAsync("store", new { points })).Expect();
        var trained = (await Api.PostAsync("train", "")).Expect();
        Assert.Equal((1, 200), (trained["epoch"].GetInt32(), trained["trained_from"].GetInt32()));
        await MigratedAsync();
        var shards = new List<int>();
        foreach (var point in points)
            shards.Add((await Api.GetAsync($"get/{point.id}")).Expect()["shard"].GetInt32());
        Assert.Equal([0, 1, 2, 3], shards.Take(4).Order());
        for (var i = 0; i < shards.Count; i++)
            Assert.Equal(shards[i % 4], shards[i]);
        Assert.Equal(200, (await Api.GetAsync("")).Expect()["points"].GetInt32());
    }

    Task MigratedAsync() => Eventually.TrueAsync(Api.HasMovedAsync, TimeSpan.FromSeconds(30), "points have been moved");

    [Fact]
    public async Task WrongCentroids_AreRefusedWithWhatToDo()
    {
        foreach (var (body, status, word) in new (string, int, string)[]
        {
            ("", 400, "empty"),
            ("[[1,0],[0,1]]", 400, "object"),
            ("{}", 422, "Shards 0, 1, 2, 3 have"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0]}""", 422, "Shard 3"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"4":[1,0]}""", 422, "\"4\" is not a shard"),
            ("""{"-1":[1,0]}""", 422, "0 to 3"),
            ("""{"one":[1,0]}""", 422, "0 to 3"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[1,0,0]}""", 422, "2 and 3"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[0,0]}""", 422, "zero"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[]}""", 422, "empty"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[[]]}""", 422, "empty"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[[1,0],null]}""", 422, "empty"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":null}""", 422, "empty"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[1e39,0]}""", 422, "finite"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[NaN,0]}""", 400, "JSON"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":"east"}""", 400, "shard 3"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[["a"]]}""", 400, "shard 3"),
            ("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[[[1]]]}""", 400, "shard 3"),
        })
            (await SetAsync(body)).ExpectProblem(status, word);
        Assert.False((await Api.GetAsync("")).Expect().Json.TryGetProperty("collection", out _));

        (await SetAsync(AxisByAxis)).Expect();
        (await SetAsync("""{"0":[1,0],"1":[1,0],"2":[1,0],"3":[1,0]}""")).ExpectProblem(422, "2 numbers", "vectors of 4");
    }

    [Fact]
    public async Task TrainingFromVectors_SeparatesThem()
    {
        var vectors = Enumerable.Range(0, 80)
            .Select(i => Axes[i % 4].Select((x, d) => x + 0.05f * ((i * 7 + d * 3) % 5)).ToArray()).ToList();
        var trained = (await Api.PostAsync("train", new { vectors })).Expect();
        Assert.Equal((1, 80, 4), (trained["epoch"].GetInt32(), trained["trained_from"].GetInt32(), trained["shards"].GetInt32()));
        var stored = (await Api.PostAsync("store", new { points = vectors.Select((vector, id) => new { id, vector }) })).Expect()["points"];
        var shards = stored.EnumerateArray().Select(point => point.GetProperty("shard").GetInt32()).ToList();
        Assert.Equal([0, 1, 2, 3], shards.Take(4).Order());
        for (var i = 0; i < 80; i++)
            Assert.Equal(shards[i % 4], shards[i]);
    }

    [Fact]
    public async Task TrainingFromTexts_MakesACollectionOfTheModelsSize()
    {
        string[] texts =
            ["a cat sat", "dogs bark", "shares fell", "markets rose", "the team won", "a late goal", "rain and wind", "snow tonight"];
        Assert.Equal(8, (await Api.PostAsync("train", new { texts })).Expect()["trained_from"].GetInt32());
        var collection = (await Api.GetAsync("")).Expect()["collection"];
        Assert.Equal(384, collection.GetProperty("dimensions").GetInt32());
        Assert.Equal("all-MiniLM-L6-v2", collection.GetProperty("model").GetString());
        (await Api.PostAsync("store", new { id = 1, text = "kittens" })).Expect();
        var found = (await Api.PostAsync("search", new { text = "cats", shards_to_search = "all" })).Expect();
        Assert.Equal(1, found["results"].GetArrayLength());
    }

    [Fact]
    public async Task WrongTraining_IsRefusedWithWhatToDo()
    {
        foreach (var (body, status, word) in new (string, int, string)[]
        {
            ("", 409, "texts"),
            ("{}", 409, "texts"),
            ("{", 400, "JSON"),
            ("[]", 400, "object"),
            ("""{"sample":0}""", 422, "sample"),
            ("""{"sample":1.1}""", 422, "sample"),
            ("""{"sample":-1}""", 422, "sample"),
            ("""{"sample":"all"}""", 400, "sample"),
            ("""{"texts":[]}""", 422, "empty"),
            ("""{"vectors":[]}""", 422, "empty"),
            ("""{"texts":["a"],"vectors":[[1]]}""", 400, "not both"),
            ("""{"texts":[null]}""", 400, "null"),
            ("""{"texts":[5]}""", 400, "string"),
            ("""{"vectors":[null]}""", 400, "null"),
            ("""{"vectors":[[1,2],[1],[2,1],[1,1]]}""", 422, "2 and 1"),
            ("""{"vectors":[[1,2],[]]}""", 422, "empty"),
            ("""{"vectors":[[1,2],[1e39,2]]}""", 422, "finite"),
            ("""{"vectors":[[1,2],[2,1],[1,1]]}""", 422, "at least 4"),
            ("""{"texts":["a","b","c"]}""", 422, "at least 4"),
            ("""{"vectors":[[1,2],[2,1],[1,1],[0,0]]}""", 422, "zero"),
            ("""{"words":["a"]}""", 400, "words"),
        })
            (await Api.PostAsync("train", body)).ExpectProblem(status, word);
        Assert.False((await Api.GetAsync("")).Expect().Json.TryGetProperty("collection", out _));
    }

    [Fact]
    public async Task ShardsWithoutACentroid_AreNamedInTheRightNumber()
    {
        (await SetAsync("{\"0\":[1,0,0,0],\"1\":[0,1,0,0],\"3\":[0,0,1,0]}")).ExpectProblem(422, "Shard 2 has no centroid");
        (await SetAsync("{\"0\":[1,0,0,0]}")).ExpectProblem(422, "Shards 1, 2, 3 have no centroid");
    }

    [Fact]
    public async Task ManyPointsWithoutCentroids_AreAdvisedToTrain_AndThenNotAnyMore()
    {
        var random = new Random(5);
        var points = Enumerable.Range(0, 5_000)
            .Select(id => new { id, vector = Enumerable.Range(0, 4).Select(_ => random.NextSingle() - 0.5f).ToArray() });
        foreach (var part in points.Chunk(1_000))
            (await Api.PostAsync("store", new { points = part })).Expect();
        var advice = (await Api.GetAsync("")).Expect()["advice"];
        Assert.Contains("5,000 points and no centroids", advice[0].GetString(), StringComparison.Ordinal);
        (await Api.PostAsync("train", "{}")).Expect();
        await MigratedAsync();
        Assert.False((await Api.GetAsync("")).Expect().Json.TryGetProperty("advice", out _));
    }

    [Theory]
    [InlineData(5_000, false)]
    [InlineData(null, true)]
    public async Task PointsBeyondWhatTheSampleStoodFor_AreAdvisedToTrainAgain(int? sampled_from, bool isAdvised)
    {
        var random = new Random(6);
        var vectors = Enumerable.Range(0, 5_000)
            .Select(_ => Enumerable.Range(0, 4).Select(_ => random.NextSingle() - 0.5f).ToArray()).ToList();
        (await Api.PostAsync("train", new { vectors = vectors.Take(500), sampled_from = 0 })).ExpectProblem(422, "sampled_from is 0");
        (await Api.PostAsync("train", new { vectors = vectors.Take(500), sampled_from })).Expect();
        foreach (var part in vectors.Select((vector, id) => new { id, vector }).Chunk(1_000))
            (await Api.PostAsync("store", new { points = part })).Expect();
        var says = (await Api.GetAsync("")).Expect().Json.TryGetProperty("advice", out var advice) ? advice.ToString() : "";
        Assert.Equal(isAdvised, says.Contains("trained on 500 of now 5,000 points", StringComparison.Ordinal));
    }

    Task<Answer> SetAsync(object body) => Api.PostAsync("set_centroids", body);
}
