using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace VectorDb.TestKit.Serving;

/// <summary>The real program as a process of its own, with what it printed. Thread-safe.</summary>
public sealed partial class ChildProcess : IDisposable
{
    const int SigKill = 9;
    const int SigTerm = 15;
    const int SigContinue = 18;
    const int SigStop = 19;

    readonly Process _process;
    readonly string? _logFile;
    readonly StringBuilder _output = new();
    readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    ChildProcess(Process process, string? logFile) => (_process, _logFile) = (process, logFile);

    public int Id => _process.Id;

    /// <summary>Completes with the address when the program says that it is ready; fails with its output when it ends first.</summary>
    public Task<string> Ready => _ready.Task;

    public bool HasExited => _process.HasExited;

    /// <summary>Completes with its exit code.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>What it printed; the end of it where that goes to a file.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _logFile is null ? _output.ToString() : Tail(_logFile);
        }
    }

    /// <summary>Starts `vectordb` with these arguments, from the build beside the tests.</summary>
    public static ChildProcess Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment) =>
        Start(new ChildProgram { Program = "vectordb.dll", Arguments = [.. arguments], Environment = environment });

    /// <summary>Starts any of our programs, from the build beside the tests.</summary>
    public static ChildProcess Start(ChildProgram program)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program.Program));
        foreach (var argument in program.Arguments)
            start.ArgumentList.Add(argument);
        // Settings of whoever runs the tests are not the tests'.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in program.Environment)
            start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start, EnableRaisingEvents = true }, program.LogFile);
        child.Begin();
        return child;
    }

    /// <summary>SIGKILL, sent when this returns: nothing is flushed, nobody is told.</summary>
    public void Kill() => SendIfRunning(SigKill);

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public void Terminate() => SendIfRunning(SigTerm);

    /// <summary>SIGSTOP: it stands still, its connections stay open.</summary>
    public void Freeze() => SendIfRunning(SigStop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => SendIfRunning(SigContinue);

    /// <summary>Sends a signal to any process.</summary>
    public static void Send(int process, int signal)
    {
        if (Signal(process, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <exception cref="TimeoutException">It goes on running.</exception>
    public async Task<int> ExitCodeAsync(TimeSpan within)
    {
        using var patience = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Still running after {within.TotalSeconds:0} s. Its output:\n{Output}");
        }
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    void Begin()
    {
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"It ended before it was ready:\n{Output}"));
        // Nobody may wait for it: then its failure is no news.
        _ = _ready.Task.ContinueWith(ready => ready.Exception, TaskContinuationOptions.OnlyOnFaulted);
        _process.Start();
        _ = EndAsync();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        _ended.TrySetResult(_process.ExitCode);
    }

    void SendIfRunning(int signal)
    {
        if (!_process.HasExited)
            Send(Id, signal);
    }

    void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            if (_logFile is null)
                _output.AppendLine(line);
            else
                File.AppendAllText(_logFile, line + Environment.NewLine);
        const string ready = "is ready on ";
        if (line.IndexOf(ready, StringComparison.Ordinal) is >= 0 and var at)
            _ready.TrySetResult(line[(at + ready.Length)..].Trim());
    }

    static string Tail(string file)
    {
        const int bytes = 8_000;
        if (!File.Exists(file))
            return "";
        using var stream = File.OpenRead(file);
        stream.Seek(Math.Max(0, stream.Length - bytes), SeekOrigin.Begin);
        return new StreamReader(stream).ReadToEnd();
    }

    static bool IsSetting(string name) => name.StartsWith("VectorDb__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("RabbitMqTransport__", StringComparison.OrdinalIgnoreCase) || name == "VECTORDB_HOME";

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}

/// <summary>What to start.</summary>
public sealed record ChildProgram
{
    /// <summary>File name of a built program beside the tests.</summary>
    public required string Program { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyList<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>Where its output is appended; null to keep it in memory.</summary>
    public string? LogFile { get; init; }
}
