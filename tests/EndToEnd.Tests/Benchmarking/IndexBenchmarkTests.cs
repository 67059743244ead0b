using System.Runtime.InteropServices;
using System.Text.Json;
using VectorDb.Engine;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Benchmarking;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Benchmarking;

public sealed class IndexBenchmarkTests : IDisposable
{
    const int Dimensions = 32;
    const int Seed = 5;

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    public void Json_HasALineForEachSettingAndOneForTheIndex(Metric metric)
    {
        // Above the number from which the index is a graph.
        var lines = Run(new() { Base = Fvecs("base", 5000), Queries = Fvecs("queries", 100), Metric = metric, Rounds = 1, Churn = 0 });
        var settings = lines[..^1];
        Assert.All(settings, line => Assert.Equal(
            ["parameter", "threads", "batch", "recall", "qps", "p50_us", "p99_us"], line.EnumerateObject().Select(p => p.Name)));
        Assert.Equal(
            [(1, 1), (1, 64), (2, 1), (2, 64)],
            settings.Select(line => (Int(line, "threads"), Int(line, "batch"))).Distinct());
        Assert.InRange(settings.Max(line => line.GetProperty("recall").GetDouble()), 0.95, 1);
        Assert.All(settings, line => Assert.True(line.GetProperty("qps").GetDouble() > 0));
        foreach (var name in new[] { "build_s", "bytes_per_vector", "start_s", "insert_p99_us" })
            Assert.True(lines[^1].GetProperty(name).GetDouble() > 0, name);
    }

    [Fact]
    public void WithoutQueries_TheLastVectorsAreAsked()
    {
        var lines = Run(new() { Base = Fvecs("base", 300), Rounds = 1, Threads = [1] });
        // So few are scanned, exactly.
        Assert.All(lines[..^1], line => Assert.Equal(1, line.GetProperty("recall").GetDouble()));
        Assert.Equal(JsonValueKind.Null, lines[^1].GetProperty("start_s").ValueKind);
    }

    [Fact]
    public void Churn_IsMeasuredInLinesOfItsOwn()
    {
        var lines = Run(new() { Base = Fvecs("base", 5000), Queries = Fvecs("queries", 50), Rounds = 1, Threads = [1], Churn = 30 });
        var churned = lines.Where(line => line.TryGetProperty("library", out _)).ToList();
        Assert.Equal((lines.Count - 1) / 2, churned.Count);
        Assert.InRange(churned.Max(line => line.GetProperty("recall").GetDouble()), 0.95, 1);
    }

    [Fact]
    public void QueriesOfAnotherSize_AreRefused()
    {
        var options = new IndexBenchmarkOptions { Base = Fvecs("base", 100), Queries = Fvecs("queries", 10, Dimensions + 1) };
        Assert.Contains("has 33 numbers a vector", Assert.Throws<CommandFailure>(() => Run(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ZeroVector_IsRefusedForCosineAlone()
    {
        var path = Path.Combine(_folder.Path, "zero.fvecs");
        File.WriteAllBytes(path, [.. Enumerable.Repeat(Row([0, 0, 0]), 30).SelectMany(row => row)]);
        Assert.Contains("row 0 is zero", Assert.Throws<CommandFailure>(() => Run(new() { Base = path })).Message, StringComparison.Ordinal);
        Assert.NotEmpty(Run(new() { Base = path, Metric = Metric.Euclid, Rounds = 1, Threads = [1] }));
    }

    [Fact]
    public void Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var options = new IndexBenchmarkOptions { Base = Fvecs("base", 300) };
        Assert.ThrowsAny<OperationCanceledException>(() => RunUntil(stop.Token, options));
    }

    [Fact]
    public void CostAtARecall_IsInterpolatedBetweenTheSettingsAround()
    {
        Measurement[] runs = [At(0.9, 50_000), At(0.96, 25_000), At(0.955, 20_000)];
        Assert.Equal(20 + 20 * (0.95 - 0.9) / (0.96 - 0.9), Measurement.CostAt(0.95, runs), 6);
        Assert.Equal(20, Measurement.CostAt(0.8, runs), 6);
        Assert.Equal(double.NaN, Measurement.CostAt(0.97, runs));

        static Measurement At(double recall, double qps) =>
            new() { Parameter = 0, Threads = 1, Batch = 1, Recall = recall, Qps = qps, P50Us = 0, P99Us = 0 };
    }

    static List<JsonElement> Run(IndexBenchmarkOptions options) => RunUntil(TestContext.Current.CancellationToken, options);

    static List<JsonElement> RunUntil(CancellationToken stop, IndexBenchmarkOptions options)
    {
        using var output = new StringWriter();
        var steps = new StepDisplay(TextWriter.Null, isScreen: false);
        new IndexBenchmark(options, new IndexReport(output, json: true, steps), steps).Run(stop);
        return [.. output.ToString().TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
    }

    static int Int(JsonElement line, string name) => line.GetProperty(name).GetInt32();

    /// <summary>Vectors around 50 places, so that there are neighbourhoods.</summary>
    string Fvecs(string name, int count, int dimensions = Dimensions)
    {
        var places = new Random(Seed);
        var centers = Enumerable.Range(0, 50).Select(_ => Vector(places, dimensions)).ToArray();
        var random = new Random(Seed + count);
        var path = Path.Combine(_folder.Path, $"{name}.fvecs");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, count).SelectMany(_ =>
        {
            var center = centers[random.Next(centers.Length)];
            return Row([.. Vector(random, dimensions).Select((x, i) => center[i] + x / 2)]);
        })]);
        return path;
    }

    static float[] Vector(Random random, int dimensions) =>
        [.. Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f)];

    static byte[] Row(float[] values) => [.. BitConverter.GetBytes(values.Length), .. MemoryMarshal.AsBytes<float>(values)];
}
