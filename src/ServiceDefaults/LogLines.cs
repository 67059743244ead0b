using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace VectorDb.ServiceDefaults;

/// <summary>The log of every process: one line an event, with its time and, inside a request, the trace it belongs to.</summary>
public static class LogLines
{
    /// <summary>Replaces the log's targets and leaves out what is not news to people who run the process.</summary>
    public static ILoggingBuilder AddOneLine(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddConsole(console => console.FormatterName = LogLineFormatter.Name)
            .AddConsoleFormatter<LogLineFormatter, ConsoleFormatterOptions>();
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Whoever asks /readyz while a process starts is told why it is not; the log need not call that a failure.
        return logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
    }
}
