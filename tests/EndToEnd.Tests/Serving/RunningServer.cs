namespace VectorDb.EndToEnd.Tests.Serving;

/// <summary>
/// `vectordb serve` as a process of its own on a data folder of its own. It can be killed and started again on the same folder,
/// each time on a free port that it chooses itself.
/// </summary>
public sealed class RunningServer : IAsyncDisposable
{
    /// <summary>A start takes a second; this is for a machine on which many tests run.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    readonly TempFolder _folder = new();
    ChildProcess? _process;
    Api? _api;

    public string DataPath => _folder.Path;

    public Api Api => _api ?? throw new InvalidOperationException("The server is not running.");

    public ChildProcess Process => _process ?? throw new InvalidOperationException("The server was never started.");

    public static async Task<RunningServer> StartNewAsync(params string[] arguments)
    {
        var server = new RunningServer();
        await server.StartAsync(arguments);
        return server;
    }

    /// <summary>Returns when /readyz answers 200.</summary>
    public async Task StartAsync(params string[] arguments)
    {
        _api?.Dispose();
        _process?.Dispose();
        _process = ChildProcess.Start(["serve", "--urls", "http://127.0.0.1:0", "--data", DataPath, .. arguments]);
        try
        {
            _api = new Api(new Uri(await _process.Ready.WaitAsync(Patience)));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not ready within {Patience.TotalSeconds:0} s. Its output:\n{_process.Output}");
        }
        (await _api.GetAsync("readyz")).Expect();
    }

    public Task KillAsync() => Process.KillAsync();

    public ValueTask DisposeAsync()
    {
        _api?.Dispose();
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
