using System.Text;

namespace VectorDb.IngestWorker.Loading;

/// <summary>Opens an input, finds out what it is, and refuses what cannot be rows of text.</summary>
public static class RowReaders
{
    const int HeadBytes = 64 * 1024;

    /// <param name="stream">The input, read from where it stands; disposed with the reader.</param>
    /// <param name="name">Its name, for messages and for the file extension.</param>
    /// <param name="options">What the user said about it.</param>
    /// <exception cref="CommandFailure">It is empty, binary, or not readable as the format wanted.</exception>
    public static IRowReader Open(Stream stream, string name, RowFormatOptions options)
    {
        var window = new ByteWindow(stream);
        try
        {
            ReadHead(window);
            RefuseUnreadable(window.Unread, name);
            if (window.Unread.StartsWith(Encoding.UTF8.Preamble))
                window.Advance(Encoding.UTF8.Preamble.Length);
            if (window.Unread.IndexOfAnyExcept(" \t\r\n"u8) < 0)
                throw new CommandFailure($"{name} is empty: there is nothing to load.");
            return Open(window, name, options);
        }
        catch
        {
            window.Dispose();
            throw;
        }
    }

    static IRowReader Open(ByteWindow window, string name, RowFormatOptions options) =>
        (options.Format ?? Detect(window, name, options)) switch
        {
            RowFormat.AgNews => AgNews.Open(window),
            RowFormat.JsonLines => new JsonLines(window, options),
            _ => HeadedCsv.Open(window, options),
        };

    /// <summary>Reads until a format can be told from it: a whole line, or enough to see a binary file.</summary>
    static void ReadHead(ByteWindow window)
    {
        while (window.Unread.Length < HeadBytes && !window.Unread.Contains((byte)'\n') && window.Fill())
        {
        }
    }

    static RowFormat Detect(ByteWindow window, string name, RowFormatOptions options)
    {
        var first = window.Unread[window.Unread.IndexOfAnyExcept(" \t\r\n"u8)];
        if (first == '{')
            return RowFormat.JsonLines;
        if (first == '[')
            throw new CommandFailure($"{name} is one JSON array; load reads one object a line. Convert it: jq -c '.[]' {name}");
        if (Path.GetExtension(name).ToLowerInvariant() is ".jsonl" or ".ndjson" or ".json")
            return RowFormat.JsonLines;
        var namesColumns = options.IdColumn is not null || options.VectorColumn is not null || options.TextColumns.Count > 0;
        return !namesColumns && FirstRecordIsAgNews(window.Unread) ? RowFormat.AgNews : RowFormat.Csv;
    }

    static bool FirstRecordIsAgNews(ReadOnlySpan<byte> head)
    {
        using var copy = new ByteWindow(new MemoryStream(head.ToArray()));
        var records = new CsvRecords(copy, ',');
        return records.Next() && AgNews.Looks(records);
    }

    static void RefuseUnreadable(ReadOnlySpan<byte> head, string name)
    {
        var problem = head switch
        {
            [0x1F, 0x8B, ..] => $"{name} is compressed: gunzip -c {name} | vectordb load -",
            [(byte)'P', (byte)'K', 3, 4, ..] => $"{name} is a zip file: unzip it first.",
            [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] =>
                $"{name} is a Parquet file: export it as CSV or JSON lines first.",
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => $"{name} is UTF-16: iconv -f UTF-16 -t UTF-8 {name} | vectordb load -",
            _ => null,
        };
        var zero = head.IndexOf((byte)0);
        if (problem is null && zero >= 0)
            problem = $"{name} is not a text file (byte {zero} is 0): load reads CSV and JSON lines in UTF-8.";
        if (problem is not null)
            throw new CommandFailure(problem);
    }
}
