using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// `2026-11-25 13:20:05.123Z warn ShardWriter [4bf92f3577b34da6a3ce929d0e0e4736] A shared commit failed … | System.IO.IOException: …`.
/// The number in brackets is the trace, the same in every process that a request passes through.
/// </summary>
public sealed class LogLineFormatter(TimeProvider clock) : ConsoleFormatter(Name)
{
    public new const string Name = "line";

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter output)
    {
        var message = entry.Formatter(entry.State, entry.Exception);
        output.Write(clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
        output.Write(Level(entry.LogLevel));
        output.Write(' ');
        output.Write(entry.Category[(entry.Category.LastIndexOf('.') + 1)..]);
        if (Activity.Current is { } activity)
            output.Write($" [{activity.TraceId}]");
        output.Write(' ');
        WriteOnOneLine(message, output);
        if (entry.Exception is { } exception)
        {
            output.Write(" | ");
            WriteOnOneLine(exception.ToString(), output);
        }
        output.Write('\n');
    }

    static string Level(LogLevel level) => level switch
    {
        LogLevel.Critical => "crit",
        LogLevel.Error => "fail",
        LogLevel.Warning => "warn",
        LogLevel.Information => "info",
        _ => "dbug",
    };

    static void WriteOnOneLine(string text, TextWriter output)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            if (trimmed.Length == 0)
                continue;
            output.Write(trimmed);
            output.Write(' ');
        }
    }
}
