using System.CommandLine;
using System.CommandLine.Parsing;
using VectorDb.Server.Loading;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>load</c>: its options, and what they mean to <see cref="LoadRun"/>.</summary>
public static class LoadCommand
{
    static readonly Dictionary<string, RowFormat> Formats = new()
    {
        ["ag-news"] = RowFormat.AgNews,
        ["csv"] = RowFormat.Csv,
        ["jsonl"] = RowFormat.JsonLines,
    };

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "File to load; - is standard input." };
        var url = SharedOptions.Url();
        var json = SharedOptions.Json();
        var format = new FormatOptionSet();
        var run = new RunOptionSet();
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
        run.AddTo(command);
        command.SetAction((parsed, stop) => new LoadRun
        {
            Path = parsed.GetValue(file)!,
            Url = parsed.GetValue(url)!,
            Json = parsed.GetValue(json),
            Format = format.Read(parsed),
            Limit = parsed.GetValue(run.Limit) is var limit and > 0 ? limit : long.MaxValue,
            Load = new LoadOptions { BatchSize = parsed.GetValue(run.Batch), InFlight = parsed.GetValue(run.InFlight) },
            Training = parsed.GetValue(run.Train) ?? TrainingChoice.Auto,
            Resume = parsed.GetValue(run.Resume),
            Strict = parsed.GetValue(run.Strict),
        }.RunAsync(stop));
        return command;
    }

    sealed class FormatOptionSet
    {
        readonly Option<string> _format = new("--format") { Description = "ag-news, csv or jsonl; found out when not given." };
        readonly Option<string> _id = Column("--id-column", "Column of the id (default: 'id', else the row number from 0).");
        readonly Option<string[]> _text = new("--text-column")
        {
            Description = "Column of the text; repeat it to join several by a space "
                + "(default: 'text', 'description', 'gloss' and the like, else the longest).",
            HelpName = "name",
        };

        readonly Option<string> _vector = Column(
            "--vector-column", "Column of the vector, instead of a text (default: 'vector', 'embedding').");
        readonly Option<string> _payload = new("--payload-columns")
        {
            Description = "What to keep beside the text: a,b or none or all (default: the other columns; of JSON lines, 'payload').",
            HelpName = "names",
        };

        readonly Option<string> _delimiter = new("--delimiter")
        {
            Description = "Between CSV fields: one character or 'tab'.",
            HelpName = "character",
        };
        readonly Option<bool> _stringIds = new("--string-ids") { Description = "Ids of CSV stay strings even where they are digits." };

        public FormatOptionSet()
        {
            _format.AcceptOnlyFromAmong([.. Formats.Keys]);
            _delimiter.Validators.Add(result =>
            {
                if (result.Tokens.Count == 1 && ToDelimiter(result.Tokens[0].Value) is null)
                    result.AddError("--delimiter is one ASCII character that is not a quote, or 'tab'.");
            });
        }

        public void AddTo(Command command)
        {
            foreach (var option in new Option[] { _format, _id, _text, _vector, _payload, _delimiter, _stringIds })
                command.Options.Add(option);
        }

        public RowFormatOptions Read(ParseResult parsed) => new()
        {
            Format = parsed.GetValue(_format) is { } name ? Formats[name] : null,
            IdColumn = parsed.GetValue(_id),
            TextColumns = parsed.GetValue(_text) ?? [],
            VectorColumn = parsed.GetValue(_vector),
            PayloadColumns = parsed.GetValue(_payload),
            Delimiter = parsed.GetValue(_delimiter) is { } delimiter ? ToDelimiter(delimiter) : null,
            StringIds = parsed.GetValue(_stringIds),
        };

        static Option<string> Column(string name, string description) => new(name) { Description = description, HelpName = "name" };

        static char? ToDelimiter(string text) => text switch
        {
            "tab" or "\\t" => '\t',
            [var character] when char.IsAscii(character) && character is not ('"' or '\n' or '\r') => character,
            _ => null,
        };
    }

    sealed class RunOptionSet
    {
        public Option<long> Limit { get; } =
            SharedOptions.Number<long>("--limit", "Read so many rows at most (default: all).", 1, long.MaxValue);

        public Option<int> Batch { get; } = SharedOptions.Number("--batch", "Rows a request.", 1, Contracts.Limits.PointsPerRequestMax);

        public Option<int> InFlight { get; } = SharedOptions.Number("--in-flight", "Requests at a time.", 1, 64);

        public Option<TrainingChoice> Train { get; } = new("--train")
        {
            Description = "Train centroids from a sample before storing: auto (a tenth of the rows, where the server is "
                + "empty), a number of rows, or none (default: auto).",
            HelpName = "auto|N|none",
            CustomParser = ParseTraining,
        };

        public Option<bool> Resume { get; } = new("--resume")
        {
            Description = "Leave out rows whose ids the server has, instead of storing them again.",
        };

        public Option<bool> Strict { get; } = new("--strict") { Description = "Exit code 2 when any row was left out." };

        public RunOptionSet()
        {
            Batch.DefaultValueFactory = _ => new LoadOptions().BatchSize;
            InFlight.DefaultValueFactory = _ => new LoadOptions().InFlight;
        }

        public void AddTo(Command command)
        {
            foreach (var option in new Option[] { Limit, Batch, InFlight, Train, Resume, Strict })
                command.Options.Add(option);
        }

        static TrainingChoice? ParseTraining(ArgumentResult result)
        {
            var text = result.Tokens[0].Value;
            if (text == "auto")
                return TrainingChoice.Auto;
            if (text == "none")
                return TrainingChoice.None;
            if (int.TryParse(text, out var rows) && rows > 0)
                return new TrainingChoice(true, rows);
            result.AddError($"--train '{text}' is none of: auto, none, a number of rows.");
            return null;
        }
    }
}
