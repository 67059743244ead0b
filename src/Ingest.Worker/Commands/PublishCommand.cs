using System.CommandLine;

namespace VectorDb.IngestWorker.Commands;

/// <summary>The worker's command <c>load</c>: its options, and what they mean to <see cref="PublishRun"/>.</summary>
public static class PublishCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "File to load; - is standard input." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object for programs." };
        var timeout = NumberOption.Create("--timeout", "Give up when nothing has moved for so many seconds.", 1, 86_400);
        timeout.DefaultValueFactory = _ => (int)PublishRun.PatienceByDefault.TotalSeconds;
        var format = new FormatOptionSet();
        var load = new LoadOptionSet(
            PublishRun.LoadByDefault, "Rows an operation (sent as messages of at most 64).", "Operations at a time.");
        var command = new CommandWithExamples("load",
            "Publish the rows of a file to the broker, for the routing and shard workers to store.",
            "dotnet run --project src/Ingest.Worker -- load ag_news_test.csv",
            "dotnet run --project src/Ingest.Worker -- load points.jsonl --train none --rejected left-out.txt",
            "RabbitMqTransport__Host=broker dotnet run --project src/Ingest.Worker -- load big.csv")
        {
            Remarks = """
                The broker is the workers': RabbitMqTransport__Host, __Port, __VHost, __User and __Pass in the environment. Rows that cannot
                be stored are reported by their line and left out. Loading again does not duplicate: ids are keys. The exit code is 0 when
                rows were stored and none is pending, 2 with --strict when one was left out, 130 after Ctrl+C, else 1.
                """,
        };
        command.Arguments.Add(file);
        command.Options.Add(json);
        command.Options.Add(timeout);
        format.AddTo(command);
        load.AddTo(command);
        command.SetAction((parsed, stop) => new PublishRun
        {
            Path = parsed.GetValue(file)!,
            Json = parsed.GetValue(json),
            Patience = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
            Format = format.Read(parsed),
            Limit = load.LimitOf(parsed),
            Load = load.Read(parsed),
            Training = load.TrainingOf(parsed),
            Strict = parsed.GetValue(load.Strict),
            RejectedPath = parsed.GetValue(load.Rejected),
        }.RunAsync(stop));
        return command;
    }
}
