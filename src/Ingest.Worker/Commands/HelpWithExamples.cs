using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace VectorDb.IngestWorker.Commands;

/// <summary>A command whose help ends with examples.</summary>
public sealed class CommandWithExamples(string name, string description, params string[] examples)
    : Command(name, description)
{
    public IReadOnlyList<string> Examples => examples;

    /// <summary>What is too long for the description.</summary>
    public string? Remarks { get; init; }
}

/// <summary>The usual help, and the command's examples after it.</summary>
public sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is CommandWithExamples { Examples.Count: > 0 } command)
        {
            if (command.Remarks is not null)
                output.WriteLine($"{command.Remarks}\n");
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
                output.WriteLine($"  {example}");
            output.WriteLine();
        }

        return code;
    }
}
