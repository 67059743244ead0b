using System.Diagnostics;
using System.Text.Json;
using RabbitMQ.Client;
using VectorDb.TestKit.Serving;

namespace VectorDb.TestKit.Brokers;

/// <summary>
/// A RabbitMQ node of this test alone, with its own ports, folder and port mapper: it can be killed, stopped and started again
/// on what it has on disk, and no other broker of the machine is used or disturbed. Needs Debian's rabbitmq-server.
/// </summary>
public sealed class BrokerNode : IAsyncDisposable
{
    /// <summary>A start takes five seconds; this is for a machine on which many tests run.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Not the wrappers in /usr/sbin, which switch to the system's user and folder.</summary>
    const string Programs = "/usr/lib/rabbitmq/bin";

    /// <summary>What RabbitMQ 4 takes by default; 3.x takes eight times as much.</summary>
    const int MessageBytesMax = 16 * 1024 * 1024;

    const int SigKill = 9;
    const int SigTerm = 15;

    readonly TempFolder _folder = new();
    readonly Dictionary<string, string> _settings;
    Process? _process;

    BrokerNode()
    {
        var home = _folder.Path;
        var port = FreePort.Next();
        Address = new("127.0.0.1", port, "guest", "guest", $"vectordb-{port}");
        File.WriteAllText(Path.Combine(home, "rabbitmq.conf"),
            $"default_vhost = {Address.VHost}\nmax_message_size = {MessageBytesMax}\nlog.file.level = warning\n");
        File.WriteAllText(Path.Combine(home, "plugins"), "[].");
        _settings = new()
        {
            ["HOME"] = home,
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(home, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(home, "log"),
            ["RABBITMQ_PID_FILE"] = PidFile,
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(home, "none"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(home, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(home, "plugins"),
            ["RABBITMQ_NODENAME"] = $"vectordb-{port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{port}",
            ["RABBITMQ_DIST_PORT"] = $"{FreePort.Next()}",
            // Erlang's schedulers spin before they sleep, which costs the other programs of the test on few cores.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none",
            ["ERL_EPMD_PORT"] = $"{FreePort.Next()}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        };
    }

    public static bool IsInstalled => File.Exists(Path.Combine(Programs, "rabbitmq-server"));

    public BrokerAddress Address { get; }

    string PidFile => Path.Combine(_folder.Path, "pid");

    public static async Task<BrokerNode> StartNewAsync()
    {
        var node = new BrokerNode();
        try
        {
            await node.StartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on what it has on disk; returns when it takes connections.</summary>
    public async Task StartAsync()
    {
        File.Delete(PidFile);
        _process = Process.Start(Program("rabbitmq-server"))!;
        // Nobody reads what it prints, which must not make it wait.
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.TrueAsync(AnswersAsync, Patience, () => $"RabbitMQ takes connections on port {Address.Port}\n{Log()}");
    }

    /// <summary>SIGKILL to the node itself. Returns when it is gone.</summary>
    public Task KillAsync() => EndAsync(SigKill);

    /// <summary>As a service manager stops it. Returns when it is gone.</summary>
    public Task StopAsync() => EndAsync(SigTerm);

    /// <summary>Messages of each queue, those included that somebody works on.</summary>
    public async Task<IReadOnlyDictionary<string, long>> QueuesAsync()
    {
        var rows = await RunAsync(
            "rabbitmqctl", "--quiet", "list_queues", "--vhost", Address.VHost, "name", "messages", "--formatter", "json");
        return JsonSerializer.Deserialize<JsonElement>(rows).EnumerateArray().ToDictionary(
            row => row.GetProperty("name").GetString()!,
            row => row.GetProperty("messages") is { ValueKind: JsonValueKind.Number } count ? count.GetInt64() : 0);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        var mapper = new ProcessStartInfo("epmd", ["-kill"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        await RunAsync(WithSettings(mapper));
        _folder.Dispose();
    }

    async Task EndAsync(int signal)
    {
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(PidFile)), Patience, "RabbitMQ has written its process id");
        ChildProcess.Send(int.Parse(await File.ReadAllTextAsync(PidFile)), signal);
        using var patience = new CancellationTokenSource(Patience);
        await _process!.WaitForExitAsync(patience.Token);
    }

    async Task<bool> AnswersAsync()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException($"RabbitMQ ended with code {_process.ExitCode}.\n{Log()}");
        try
        {
            await using var connection = await new ConnectionFactory { Uri = Address.Uri }.CreateConnectionAsync();
            return true;
        }
        catch (Exception e) when (e is RabbitMQ.Client.Exceptions.BrokerUnreachableException or IOException)
        {
            return false;
        }
    }

    string Log()
    {
        var folder = Path.Combine(_folder.Path, "log");
        return !Directory.Exists(folder) ? "" : string.Join(
            "\n", Directory.EnumerateFiles(folder, "*.log").SelectMany(file => File.ReadLines(file).TakeLast(20)));
    }

    Task<string> RunAsync(string program, params string[] arguments) => RunAsync(Program(program, arguments));

    static async Task<string> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 || start.FileName == "epmd"
            ? output
            : throw new InvalidOperationException($"{start.FileName} failed: {output}{await errors}");
    }

    ProcessStartInfo Program(string name, params string[] arguments) => WithSettings(
        new ProcessStartInfo(Path.Combine(Programs, name), arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    ProcessStartInfo WithSettings(ProcessStartInfo start)
    {
        foreach (var (name, value) in _settings)
            start.Environment[name] = value;
        return start;
    }
}
