using System.Diagnostics;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Cluster.Tests.Processes;

/// <summary>
/// One program of the system with its own cable to the broker: it can be killed, stopped, frozen and started again on the same
/// ports and data.
/// </summary>
public sealed class RoleProcess : IDisposable
{
    /// <summary>A start takes two seconds; this is for a machine on which many tests run.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>An answer of its own takes milliseconds.</summary>
    static readonly TimeSpan AskFor = TimeSpan.FromSeconds(5);

    readonly ChildProgram _program;
    readonly Api _health;
    ChildProcess? _process;
    string _answer = "nothing";
    long _disturbedAt = long.MinValue;
    int _restarts;
    volatile bool _isDisturbed = true;
    volatile bool _isToEnd;

    /// <param name="kind">Which program.</param>
    /// <param name="name">For people.</param>
    /// <param name="link">Its cable.</param>
    /// <param name="program">How it is started.</param>
    /// <param name="port">Where it says whether it is ready.</param>
    public RoleProcess(RoleKind kind, string name, Link link, ChildProgram program, int port)
    {
        (Kind, Name, Link, _program) = (kind, name, link, program);
        Address = new($"http://127.0.0.1:{port}/");
        _health = new(Address, AskFor);
    }

    public RoleKind Kind { get; }

    public string Name { get; }

    public Link Link { get; }

    public Uri Address { get; }

    /// <summary>Its data folder; null where it has none.</summary>
    public string? DataPath => _program.Environment.FirstOrDefault(setting => setting.Name == "VectorDb__DataPath").Value;

    /// <summary>The end of what it printed.</summary>
    public string Log => $"--- {Name}\n{_process?.Output}";

    ChildProcess Process => _process ?? throw new InvalidOperationException($"{Name} was never started.");

    /// <summary>How often it gave up and was started again, as whatever runs such programs does.</summary>
    public int Restarts => _restarts;

    public void Start()
    {
        _isToEnd = false;
        _process?.Dispose();
        _process = ChildProcess.Start(_program);
        _ = StartAgainAsync(_process);
    }

    /// <summary>Returns when it says that it is ready.</summary>
    public async Task ReadyAsync()
    {
        await Eventually.TrueAsync(IsReadyAsync, Patience, () => $"{Name} is ready. It answered: {_answer}. {Log}");
        _isDisturbed = false;
    }

    /// <summary>It was killed, stopped or frozen at some time since that moment of a stopwatch.</summary>
    public bool WasDisturbedSince(long moment) => _isDisturbed || Interlocked.Read(ref _disturbedAt) > moment;

    /// <summary>SIGKILL. Returns when it is gone.</summary>
    public async Task KillAsync()
    {
        Disturb();
        _isToEnd = true;
        Process.Kill();
        await Process.ExitCodeAsync(Patience);
    }

    /// <summary>SIGTERM. Returns its exit code when it is gone.</summary>
    public Task<int> StopAsync()
    {
        Disturb();
        _isToEnd = true;
        Process.Terminate();
        return Process.ExitCodeAsync(Patience);
    }

    public void Freeze()
    {
        Disturb();
        Process.Freeze();
    }

    public void Thaw()
    {
        Process.Thaw();
        Interlocked.Exchange(ref _disturbedAt, Stopwatch.GetTimestamp());
        _isDisturbed = false;
    }

    public void Dispose()
    {
        _isToEnd = true;
        _process?.Dispose();
        _health.Dispose();
        Link.Dispose();
    }

    /// <summary>What `restart: unless-stopped` does in docker-compose.yml.</summary>
    async Task StartAgainAsync(ChildProcess process)
    {
        if (await process.Ended != ClientWatch.ExitCode || _isToEnd)
            return;
        Interlocked.Increment(ref _restarts);
        Disturb();
        Start();
    }

    void Disturb()
    {
        _isDisturbed = true;
        Interlocked.Exchange(ref _disturbedAt, Stopwatch.GetTimestamp());
    }

    async Task<bool> IsReadyAsync()
    {
        if (Process.HasExited && await Process.Ended != ClientWatch.ExitCode)
            Assert.Fail($"{Name} ended by itself. {Log}");
        try
        {
            var answer = await _health.GetAsync("readyz");
            _answer = answer.Body;
            return answer.IsSuccess;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            _answer = e.Message;
            return false;
        }
    }
}
