using System.Diagnostics;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>
/// This program once more, as another process that runs one role. It says "ready" when it serves, and ends when its input does, so
/// that none is left behind whatever happens to the benchmark.
/// </summary>
public sealed class RoleProcess : IAsyncDisposable
{
    public const string Command = "broker-role";

    readonly Process _process;

    RoleProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>`arguments`: as <see cref="RoleChild"/> takes them.</summary>
    public static async Task<RoleProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // Started as "dotnet X.dll", the program is an argument.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(RoleProcess).Assembly.Location);
        foreach (var argument in arguments.Prepend(Command))
            start.ArgumentList.Add(argument);
        var role = new RoleProcess(Process.Start(start)!);
        try
        {
            var said = await role._process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            return said == RoleChild.Ready
                ? role
                : throw new InvalidOperationException($"The process for \"{string.Join(' ', arguments)}\" did not start: {said}");
        }
        catch
        {
            await role.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
