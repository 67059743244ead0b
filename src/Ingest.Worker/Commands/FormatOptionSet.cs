using System.CommandLine;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Commands;

/// <summary>The options that say what an input is, the same in every command that loads.</summary>
public sealed class FormatOptionSet
{
    static readonly Dictionary<string, RowFormat> Formats = new()
    {
        ["ag-news"] = RowFormat.AgNews,
        ["csv"] = RowFormat.Csv,
        ["jsonl"] = RowFormat.JsonLines,
    };

    readonly Option<string> _format = new("--format") { Description = "ag-news, csv or jsonl; found out when not given." };
    readonly Option<string> _id = Column("--id-column", "Column of the id (default: 'id', else the row number from 0).");
    readonly Option<string[]> _text = new("--text-column")
    {
        Description = "Column of the text; repeat it to join several by a space "
            + "(default: 'text', 'description', 'gloss' and the like, else the longest).",
        HelpName = "name",
    };

    readonly Option<string> _vector =
        Column("--vector-column", "Column of the vector; a text beside it is kept (default: 'vector', 'embedding').");

    readonly Option<string> _payload = new("--payload-columns")
    {
        Description = "What to keep beside the text: a,b or none or all "
            + "(default: the other columns; of JSON lines, 'payload').",
        HelpName = "names",
    };

    readonly Option<string> _delimiter = new("--delimiter")
    {
        Description = "Between CSV fields: one character or 'tab'.",
        HelpName = "character",
    };

    readonly Option<bool> _stringIds = new("--string-ids")
    {
        Description = "Ids of CSV stay strings even where they are digits.",
    };

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

    static Option<string> Column(string name, string description) =>
        new(name) { Description = description, HelpName = "name" };

    static char? ToDelimiter(string text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var character] when char.IsAscii(character) && character is not ('"' or '\n' or '\r') => character,
        _ => null,
    };
}
