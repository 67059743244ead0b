using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;
using VectorDb.Server.Commands.Demo;
using VectorDb.Server.Commands.Errors;
using VectorDb.Server.Commands.Shards;

namespace VectorDb.Server.Commands;

/// <summary>The program's commands, and how what goes wrong in them becomes a message and an exit code.</summary>
public static class CommandLine
{
    public const int Failed = 1;

    /// <returns>0 only on success; 130 when Ctrl+C stopped the command.</returns>
    public static async Task<int> RunAsync(string[] args, Interruption interruption)
    {
        var result = CreateRoot(interruption).Parse(args.Length == 0 ? ["--help"] : args);
        if (result.Action is ParseErrorAction)
            return WriteErrors(result);
        try
        {
            // Signals are ours, so that a load can finish what it has under way.
            var configuration = new InvocationConfiguration
            {
                ProcessTerminationTimeout = null,
                EnableDefaultExceptionHandler = false,
            };
            return await result.InvokeAsync(configuration, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return Interruption.ExitCode;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(Describe(failure, UrlOf(result)));
            return Failed;
        }
    }

    static int WriteErrors(ParseResult result)
    {
        // Of an unknown command it also says that one is missing, which is the same thing again.
        var messages = result.Errors
            .Select(error => string.Join(' ', error.Message.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)))
            .ToList();
        if (messages.Count > 1)
            messages.Remove("Required command was not provided.");
        var command = PathTo(result.CommandResult);
        Console.Error.WriteLine($"{string.Join(' ', messages)} See 'vectordb{command} --help'.");
        return Failed;
    }

    // " bench index" for a command below another.
    static string PathTo(CommandResult command) =>
        command.Command is RootCommand ? "" : $"{(command.Parent is CommandResult above ? PathTo(above) : "")} {command.Command.Name}";

    static RootCommand CreateRoot(Interruption interruption)
    {
        var root = new RootCommand("A vector database: text goes in, meaning comes out.")
        {
            DemoCommand.Create(interruption),
            ServeCommand.Create(interruption),
            LoadCommand.Create(),
            SearchCommand.Create(),
            GetCommand.Create(),
            StatusCommand.Create(),
            ShardsCommand.Create(),
            BackupCommand.Create(),
            CheckCommand.Create(),
            BenchCommand.Create(),
            ErrorsCommand.Create(),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    static string UrlOf(ParseResult result) =>
        result.CommandResult.Command.Options.Any(option => option.Name == SharedOptions.UrlName)
            ? result.GetValue<string>(SharedOptions.UrlName)!
            : SharedOptions.DefaultUrl;

    static string Describe(Exception failure, string url) => failure switch
    {
        CommandFailure known => known.Message,
        ApiException { IsBusy: true } busy => $"The server at {url} cannot answer now (HTTP {(int)busy.Status}): {busy.Message}",
        ApiException refused => $"The server at {url} refuses this (HTTP {(int)refused.Status}): {refused.Message}",
        HttpRequestException or IOException { Source: "System.Net.Http" } =>
            $"No server answers at {url}. Start one with 'vectordb serve', or name another with --url.",
        _ when Environment.GetEnvironmentVariable("VECTORDB_DEBUG") is not null => failure.ToString(),
        _ => $"This should not have happened: {failure.GetType().Name}: {failure.Message}\n"
            + "Run it again with VECTORDB_DEBUG=1 in the environment to see where, and please report it.",
    };
}
