using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>Chooses the rows of an input that centroids are trained from.</summary>
public static class TrainingSample
{
    /// <summary>One row in so many, unless the user says otherwise.</summary>
    public const int OneIn = 10;

    /// <summary>More would be thinned to this by the server: see <see cref="Limits.TrainingSampleMax"/>.</summary>
    public const int RowsMax = Limits.TrainingSampleMax;

    /// <summary>Room for escapes that lengthen a text.</summary>
    const long BytesMax = Limits.BodyBytesMax / 4;

    /// <summary>
    /// Rows at equal distances over the whole input, the same ones every time. Reads the input twice: once to count it.
    /// </summary>
    /// <param name="open">Opens the input from its begin.</param>
    /// <param name="limit">Rows of the input that count.</param>
    /// <param name="wanted">How many to choose, or null for a tenth.</param>
    /// <param name="stop">Stops reading.</param>
    /// <returns>The sample, and how many good rows the input has.</returns>
    public static (IReadOnlyList<PointInput> Sample, long Rows) Spread(
        Func<IRowReader> open, long limit, int? wanted, CancellationToken stop)
    {
        long rows = 0, bytes = 0;
        foreach (var point in GoodPoints(open, limit, stop))
        {
            rows++;
            bytes += RequestBytes.Of(point);
        }

        var count = Math.Min(wanted ?? (rows + OneIn - 1) / OneIn, Math.Min(rows, RowsMax));
        if (bytes > 0)
            count = Math.Min(count, Math.Max(1, BytesMax * rows / bytes));
        var sample = new List<PointInput>((int)count);
        long index = 0;
        foreach (var point in GoodPoints(open, limit, stop))
        {
            if (sample.Count < count && index++ >= sample.Count * rows / count)
                sample.Add(point);
        }

        return (sample, rows);
    }

    /// <summary>The good rows among those given, at most <see cref="RowsMax"/> and as many as fit a request.</summary>
    public static IReadOnlyList<PointInput> FromFirst(IReadOnlyList<LoadedRow> rows)
    {
        long bytes = 0;
        return [.. rows.Where(row => row.Point is not null).Select(row => row.Point!).Take(RowsMax)
            .TakeWhile(point => (bytes += RequestBytes.Of(point)) <= BytesMax)];
    }

    static IEnumerable<PointInput> GoodPoints(Func<IRowReader> open, long limit, CancellationToken stop)
    {
        using var reader = open();
        long number = 0;
        foreach (var row in reader.ReadRows())
        {
            stop.ThrowIfCancellationRequested();
            if (number++ >= limit)
                yield break;
            if (row.Point is not null)
                yield return row.Point;
        }
    }
}
