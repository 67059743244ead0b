using System.Text.Json;
using Spectre.Console;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker.Commands;

/// <summary>
/// Where a command writes: answers on standard output, progress and notes on standard error, so that a pipe gets the
/// answers alone.
/// </summary>
public static class Terminal
{
    /// <summary>Width of tables in a pipe or file, where there is no screen to fit.</summary>
    const int WidthWithoutScreen = 120;

    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Notes { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>True when progress may be drawn in place.</summary>
    public static bool NotesAreOnScreen => !Console.IsErrorRedirected && Notes.Profile.Capabilities.Ansi;

    /// <summary>Writes an answer for programs: one line of JSON.</summary>
    public static void WriteJson<T>(T answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, HttpJson.Options));

    static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (isRedirected)
            console.Profile.Width = WidthWithoutScreen;
        return console;
    }
}
