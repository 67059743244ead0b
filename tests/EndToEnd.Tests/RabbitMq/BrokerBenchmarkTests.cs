using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>The benchmark of the message pipeline runs, every way of it; how fast is not asked here.</summary>
public sealed class BrokerBenchmarkTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task EveryWayIsMeasuredOverARealBroker()
    {
        var broker = Environment.GetEnvironmentVariable("VECTORDB_RABBITMQ");
        Assert.SkipWhen(string.IsNullOrEmpty(broker), "VECTORDB_RABBITMQ names no broker; ./test.sh starts one.");
        using var process = Process.Start(Command(new Uri(broker!)))!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Patience, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        var rows = JsonDocument.Parse(output).RootElement.GetProperty("rows").EnumerateArray()
            .Select(row => (row.GetProperty("way").GetString(), row.GetProperty("callers").GetInt32(), Count(row)));
        Assert.Equal(
            [("bare", 2), ("http", 2), ("naive", 2), ("ours", 2), ("promising", 2), ("relayed", 2), ("writes", 0)],
            rows.Where(row => row.Item3 > 0).Select(row => (row.Item1!, row.Item2)).Order());
    }

    static long Count(JsonElement row) => row.GetProperty("rounds")[0].GetProperty("count").GetInt64();

    static ProcessStartInfo Command(Uri broker)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.GetFullPath(Path.Combine(
            RepositoryFiles.Models, "..", "benchmarks", "VectorDb.Benchmarks", "bin", configuration, "net10.0", "VectorDb.Benchmarks.dll"));
        string[] arguments =
        [
            program, "broker", "--rounds", "1", "--seconds", "0.2", "--callers", "2", "--vectors", "256", "--writes", "256",
            "--dimensions", "8", "--json",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        var login = broker.UserInfo.Split(':');
        start.Environment["RabbitMqTransport__Host"] = broker.Host;
        start.Environment["RabbitMqTransport__Port"] = $"{(broker.IsDefaultPort ? 5672 : broker.Port)}";
        start.Environment["RabbitMqTransport__VHost"] = broker.AbsolutePath.Length > 1 ? broker.AbsolutePath[1..] : "/";
        start.Environment["RabbitMqTransport__User"] = login[0];
        start.Environment["RabbitMqTransport__Pass"] = login.ElementAtOrDefault(1) ?? "";
        start.Environment["VectorDb__ModelPath"] = RepositoryFiles.Models;
        return start;
    }
}
