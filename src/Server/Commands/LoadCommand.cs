using System.CommandLine;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>load</c>: its options, and what they mean to <see cref="LoadRun"/>.</summary>
public static class LoadCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "File to load; - is standard input." };
        var url = SharedOptions.Url();
        var json = SharedOptions.Json();
        var format = new FormatOptionSet();
        var load = new LoadOptionSet(new LoadOptions(), "Rows a request.", "Requests at a time.");
        var resume = new Option<bool>("--resume")
        {
            Description = "Leave out rows whose ids the server has, instead of storing them again.",
        };
        var command = new CommandWithExamples("load",
            "Store the rows of a file: AG News as published, CSV with a header, or JSON lines.",
            "vectordb load ag_news_test.csv",
            "vectordb load products.csv --id-column sku --text-column name --text-column description",
            "vectordb load points.jsonl --train none --json",
            "gunzip -c big.csv.gz | vectordb load - --resume")
        {
            Remarks = """
                The text is UTF-8. Rows that cannot be stored are reported by their line and left out; the load goes on, and its exit
                code is 0 when a row was stored, 1 when none was, 2 with --strict when one was left out, 130 after Ctrl+C.
                Loading again does not duplicate: ids are keys. Without an id column the id is the number of the row, from 0.
                """,
        };
        command.Arguments.Add(file);
        command.Options.Add(url);
        command.Options.Add(json);
        format.AddTo(command);
        load.AddTo(command);
        command.Options.Add(resume);
        command.SetAction((parsed, stop) => new LoadRun
        {
            Path = parsed.GetValue(file)!,
            Url = parsed.GetValue(url)!,
            Json = parsed.GetValue(json),
            Format = format.Read(parsed),
            Limit = load.LimitOf(parsed),
            Load = load.Read(parsed),
            Training = load.TrainingOf(parsed),
            Resume = parsed.GetValue(resume),
            Strict = parsed.GetValue(load.Strict),
            RejectedPath = parsed.GetValue(load.Rejected),
        }.RunAsync(stop));
        return command;
    }
}
