using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VectorDb.Engine;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>A peer's index in a process of its own (<c>benchmarks/peers</c>), searched on command.</summary>
sealed class PeerProcess : IDisposable
{
    readonly Process _process;

    /// <summary>Starts the program and waits until its index is built.</summary>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    public PeerProcess(string program, string folder, Metric metric, int buildThreads)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            Path.Combine(folder, "base.fvecs"), Path.Combine(folder, "queries.fvecs"), Path.Combine(folder, "truth.i32"),
            metric == Metric.Euclid ? "l2" : "ip", "16", "200", buildThreads.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var json = JsonDocument.Parse(ReadLine()).RootElement;
        Library = json.GetProperty("library").GetString()!;
        BuildSeconds = json.GetProperty("build_s").GetDouble();
    }

    public string Library { get; }

    public double BuildSeconds { get; }

    public Measurement Measure(int parameter, int threads)
    {
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parameter} {threads}"));
        _process.StandardInput.Flush();
        return Measurement.FromJson(Library, ReadLine());
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    string ReadLine() => _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("The peer ended; what it printed stands above.");
}
