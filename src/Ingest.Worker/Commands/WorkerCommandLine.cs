using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Commands;

/// <summary>What the worker does besides working: its command line, for loading files.</summary>
public static class WorkerCommandLine
{
    public const int Failed = 1;

    /// <summary>Without such a first argument the program is the worker, and its arguments are settings.</summary>
    public static bool Takes(string[] args) => args is ["load" or "--help" or "-h" or "-?" or "--version", ..];

    /// <returns>0 only on success; 130 when Ctrl+C stopped the command.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        using var interruption = new Interruption();
        var parsed = CreateRoot().Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            await Console.Error.WriteLineAsync($"{string.Join(' ', parsed.Errors.Select(error => error.Message))} See 'load --help'.");
            return Failed;
        }
        try
        {
            // Signals are ours, so that a load can finish what it has under way.
            var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(configuration, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return Interruption.ExitCode;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(Describe(failure));
            return Failed;
        }
    }

    static RootCommand CreateRoot()
    {
        var root = new RootCommand(
            "VectorDb's embedding and routing worker. Without a command it works; its settings are in the environment.")
        {
            PublishCommand.Create(),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    static string Describe(Exception failure) => failure switch
    {
        CommandFailure known => known.Message,
        _ when Environment.GetEnvironmentVariable("VECTORDB_DEBUG") is not null => failure.ToString(),
        _ => $"This should not have happened: {failure.GetType().Name}: {failure.Message}\n"
            + "Run it again with VECTORDB_DEBUG=1 in the environment to see where, and please report it.",
    };
}
