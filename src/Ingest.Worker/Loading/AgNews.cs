using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// The AG News files as published: CSV without a header; class 1 to 4, title, description. The text of a point is
/// title, one space and description exactly as they stand (backslashes and <c>#36;</c> included), its id the row
/// number.
/// </summary>
public static class AgNews
{
    static readonly string[] Classes = ["World", "Sports", "Business", "Sci/Tech"];

    public static IRowReader Open(ByteWindow window) => new CsvRowReader(
        window, new CsvRecords(window, ','),
        "AG News: text is title + space + description, id is the row number, payload is class and title", ToPoint);

    /// <summary>True for what the first record of such a file looks like.</summary>
    public static bool Looks(CsvRecords record) =>
        record is { Problem: null, Count: 3 } && record.BytesOf(0) is [>= (byte)'1' and <= (byte)'4'];

    static PointInput ToPoint(CsvRecords record, long number)
    {
        if (record.Count != 3)
            throw new FormatException($"it has {Columns.Counted(record.Count)}, AG News has 3 (class, title, description)");
        var className = ClassOf(record[0])
            ?? throw new FormatException($"its class is '{Columns.Shortened(record[0])}', not 1 to 4");
        var title = record[1];
        return new PointInput
        {
            Id = PointId.From((ulong)number),
            Text = $"{title} {record[2]}",
            Payload = JsonSerializer.SerializeToElement(new { @class = className, title }),
        };
    }

    static string? ClassOf(string field) => field is ['1' or '2' or '3' or '4'] ? Classes[field[0] - '1'] : null;
}
