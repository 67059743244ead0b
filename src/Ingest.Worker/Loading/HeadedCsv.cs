using System.Globalization;
using System.Text;
using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>CSV whose first record names the columns. Payload values stay strings, exactly as they stand.</summary>
public static class HeadedCsv
{
    const int SampleRows = 100;

    static readonly char[] Delimiters = [',', ';', '\t', '|'];
    static readonly char[] BetweenNumbers = [' ', ',', ';', '|', '\t', '\n', '\r'];

    /// <exception cref="CommandFailure">The header cannot be read, or a named column is not in it.</exception>
    public static IRowReader Open(ByteWindow window, RowFormatOptions options)
    {
        var delimiter = options.Delimiter ?? GuessDelimiter(window.Unread);
        var samples = ReadSamples(window, delimiter);
        var records = new CsvRecords(window, delimiter);
        if (!records.Next())
            throw new CommandFailure("The file has no header line: there is nothing to load.");
        if (records.Problem is not null)
            throw new CommandFailure($"The header in line {records.Line} cannot be read: {records.Problem}.");
        var header = TryDecode(records) ?? throw new CommandFailure(
            $"Line {records.Line}, the header, is not valid UTF-8: load reads CSV and JSON lines in UTF-8.");
        var columns = Columns.Choose([.. header.Select(name => name.Trim())], samples, options);
        var separator = delimiter == ',' ? "" : $" separated by {(delimiter == '\t' ? "tabs" : $"'{delimiter}'")}";
        return new CsvRowReader(window, records, $"CSV with a header{separator}: {columns.Describe()}",
            (record, number) => ToPoint(record, number, columns, options.StringIds));
    }

    /// <summary>
    /// The numbers of a vector: with or without brackets, separated by commas, semicolons, bars or blanks.
    /// </summary>
    /// <exception cref="FormatException">One of them is not a number.</exception>
    public static float[] ParseVector(string field)
    {
        var words = field.Trim().TrimStart('[', '(').TrimEnd(']', ')')
            .Split(BetweenNumbers, StringSplitOptions.RemoveEmptyEntries);
        var vector = new float[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (!float.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out vector[i]))
                throw new FormatException($"number {i} of the vector is '{Columns.Shortened(words[i])}'");
        }

        return vector;
    }

    static PointInput ToPoint(CsvRecords record, long number, Columns columns, bool stringIds)
    {
        if (record.Count != columns.Header.Count)
            throw new FormatException($"it has {Columns.Counted(record.Count)}, the header has {columns.Header.Count}");
        var payload = columns.Payload.ToDictionary(column => columns.Header[column], column => record[column]);
        return new PointInput
        {
            Id = IdOf(record, number, columns.Id, stringIds),
            Text = columns.Text.Count == 0 ? null : string.Join(' ', columns.Text.Select(column => record[column])),
            Vector = columns.Vector < 0 ? null : ParseVector(record[columns.Vector]),
            Payload = payload.Count == 0 ? null : JsonSerializer.SerializeToElement(payload),
        };
    }

    static PointId IdOf(CsvRecords record, long number, int column, bool stringIds)
    {
        var field = column < 0 ? number.ToString(CultureInfo.InvariantCulture) : record[column];
        // A leading zero is part of a name (postal codes, part numbers), and a number would lose it.
        return stringIds || (field.Length > 1 && field[0] == '0') ? PointId.FromText(field) : PointId.FromPath(field);
    }

    /// <summary>The usual separator that stands most often in the header line; a comma where none does.</summary>
    static char GuessDelimiter(ReadOnlySpan<byte> head)
    {
        var lineEnd = head.IndexOf((byte)'\n');
        var line = lineEnd < 0 ? head : head[..lineEnd];
        var (best, mostOften) = (',', 0);
        foreach (var candidate in Delimiters)
        {
            var often = line.Count((byte)candidate);
            if (often > mostOften)
                (best, mostOften) = (candidate, often);
        }

        return best;
    }

    static List<string[]> ReadSamples(ByteWindow window, char delimiter)
    {
        using var head = new ByteWindow(new MemoryStream(window.Unread.ToArray()));
        var records = new CsvRecords(head, delimiter);
        var rows = new List<string[]>();
        var columnCount = records.Next() ? records.Count : 0;
        while (rows.Count < SampleRows && records.Next())
        {
            if (records.Problem is null && records.Count == columnCount && TryDecode(records) is { } row)
                rows.Add(row);
        }

        return rows;
    }

    static string[]? TryDecode(CsvRecords records)
    {
        try
        {
            return records.ToArray();
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
