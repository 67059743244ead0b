using System.Text;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// Numbers CSV records and turns each into a point or a problem; what a record means is the caller's. Used by AG News
/// and by CSV with a header, which differ in nothing else.
/// </summary>
/// <param name="window">The input, after a header if it has one; disposed with the reader.</param>
/// <param name="records">The records of that input.</param>
/// <param name="description">What the input was taken for.</param>
/// <param name="toPoint">Fields and row number to a point; throws <see cref="FormatException"/> with what is
/// wrong.</param>
public sealed class CsvRowReader(
    ByteWindow window, CsvRecords records, string description, Func<CsvRecords, long, PointInput> toPoint) : IRowReader
{
    public string Description => description;

    public IEnumerable<LoadedRow> ReadRows()
    {
        for (long number = 0, read = 0; records.Next(); number++)
        {
            var bytes = records.End - read;
            read = records.End;
            yield return ToRow(number, bytes);
        }
    }

    public void Dispose() => window.Dispose();

    LoadedRow ToRow(long number, long bytes)
    {
        if (records.Problem is not null)
            return LoadedRow.Bad(number, records.Line, bytes, records.Problem);
        try
        {
            return LoadedRow.Check(number, records.Line, bytes, toPoint(records, number));
        }
        catch (FormatException wrong)
        {
            return LoadedRow.Bad(number, records.Line, bytes, wrong.Message);
        }
        catch (DecoderFallbackException)
        {
            return LoadedRow.Bad(number, records.Line, bytes,
                "it is not valid UTF-8; convert the file, for example: iconv -f latin1 -t utf-8");
        }
    }
}
