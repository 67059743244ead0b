using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VectorDb.Engine;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Benchmarking;

/// <summary>
/// Another library's index in a process of its own (<c>benchmarks/peers</c>), searched on command so that its runs stand
/// between ours. The program is called with base.fvecs, queries.fvecs, truth.i32, <c>ip</c> or <c>l2</c>, and the threads to
/// build with. It prints a line with library, build_s and the parameters to sweep, then answers each line "parameter
/// threads" with one as <see cref="Measurement"/>, until its input ends.
/// </summary>
public sealed class PeerProcess : IDisposable
{
    readonly Process _process;
    readonly CancellationTokenRegistration _killing;
    readonly CancellationToken _stop;

    /// <summary>Starts the program and waits until its index is built.</summary>
    /// <param name="command">The program, and words that it is called with before the others.</param>
    /// <param name="folder">Has the files.</param>
    /// <param name="metric">Cosine is the product of normalised vectors.</param>
    /// <param name="stop">Ends the program.</param>
    /// <exception cref="CommandFailure">It ended instead.</exception>
    public PeerProcess(string command, string folder, Metric metric, CancellationToken stop)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var start = new ProcessStartInfo(words[0]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            .. words[1..], Path.Combine(folder, "base.fvecs"), Path.Combine(folder, "queries.fvecs"),
            Path.Combine(folder, "truth.i32"), metric == Metric.Euclid ? "l2" : "ip",
            Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        (Command, _stop) = (command, stop);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CommandFailure($"The peer {words[0]} does not start: {e.Message}. See benchmarks/peers/run.sh.", e);
        }
        _killing = stop.Register(_process.Kill);
        var json = JsonDocument.Parse(ReadLine()).RootElement;
        Library = json.GetProperty("library").GetString()!;
        BuildSeconds = json.GetProperty("build_s").GetDouble();
        Parameters = [.. json.GetProperty("parameters").EnumerateArray().Select(number => number.GetInt32())];
    }

    public string Command { get; }

    public string Library { get; }

    public double BuildSeconds { get; }

    public IReadOnlyList<int> Parameters { get; }

    public Measurement Measure(int parameter, int threads)
    {
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parameter} {threads}"));
        _process.StandardInput.Flush();
        return JsonSerializer.Deserialize<Measurement>(ReadLine())! with { Library = Library };
    }

    public void Dispose()
    {
        _killing.Dispose();
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    string ReadLine()
    {
        var line = _process.StandardOutput.ReadLine();
        _stop.ThrowIfCancellationRequested();
        return line ?? throw new CommandFailure($"The peer '{Command}' ended early; what it printed stands above.");
    }
}
