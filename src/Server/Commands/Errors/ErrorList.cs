using VectorDb.IngestWorker.Commands;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Server.Commands.Errors;

/// <summary>Prints what error queues hold.</summary>
static class ErrorList
{
    /// <summary>Readable on a usual screen; the whole is in the JSON.</summary>
    const int ReasonWidth = 160;

    sealed record QueueAnswer(string Queue, uint Count, IReadOnlyList<FailedMessage> Messages);

    sealed record ListAnswer(IReadOnlyList<QueueAnswer> Queues);

    public static async Task WriteAsync(IReadOnlyList<ErrorQueue> queues, int limit, bool asJson, CancellationToken stop)
    {
        var answers = new List<QueueAnswer>();
        foreach (var queue in queues)
            if (await queue.CountAsync(stop) is { } count and > 0)
                answers.Add(new(queue.Name, count, await queue.ListAsync(limit, stop)));
        if (asJson)
        {
            Terminal.WriteJson(new ListAnswer(answers));
            return;
        }
        if (answers.Count == 0)
            Console.Out.WriteLine("No message has been put aside.");
        foreach (var answer in answers)
            Write(answer);
    }

    static void Write(QueueAnswer answer)
    {
        Console.Out.WriteLine(answer.Count == 1 ? $"{answer.Queue}: 1 message" : $"{answer.Queue}: {answer.Count:N0} messages");
        foreach (var message in answer.Messages)
        {
            Console.Out.WriteLine($"  {message.Id}  {message.Type ?? "not one of our messages"}, {message.Bytes:N0} bytes");
            Line("sent", message.SentAt is { } sent ? $"{sent:u}" : "unknown");
            Line("failed", message.FailedAt is { } failed ? $"{failed:u}" : "unknown");
            Line("because", message.Reason);
            Line("holds", message.Summary);
        }
        if (answer.Messages.Count < answer.Count)
            Console.Out.WriteLine($"  … and {answer.Count - answer.Messages.Count:N0} more (--limit)");
    }

    static void Line(string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;
        var line = text.ReplaceLineEndings(" ");
        Console.Out.WriteLine($"    {name,-8} {(line.Length > ReasonWidth ? line[..ReasonWidth] + "…" : line)}");
    }
}
