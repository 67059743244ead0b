using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace VectorDb.EndToEnd.Tests.Serving;

/// <summary>The real program as a process of its own, with what it printed. Thread-safe.</summary>
public sealed partial class ChildProcess : IDisposable
{
    const int SigTerm = 15;

    readonly Process _process;
    readonly StringBuilder _output = new();
    readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Completes with the address when the program says that it is ready; fails with its output when it ends first.</summary>
    public Task<string> Ready => _ready.Task;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts `vectordb` with these arguments, from the build beside the tests.</summary>
    public static ChildProcess Start(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "vectordb.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // Settings of whoever runs the tests are not the tests'.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        child.Begin();
        return child;
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public void Terminate()
    {
        if (Signal(_process.Id, SigTerm) != 0)
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
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    void Take(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        const string ready = "is ready on ";
        if (line.IndexOf(ready, StringComparison.Ordinal) is >= 0 and var at)
            _ready.TrySetResult(line[(at + ready.Length)..].Trim());
    }

    static bool IsSetting(string name) => name.StartsWith("VectorDb__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase) || name == "VECTORDB_HOME";

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
