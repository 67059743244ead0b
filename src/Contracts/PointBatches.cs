using System.Text;

namespace VectorDb.Contracts;

/// <summary>Cuts points into messages of a good size.</summary>
public static class PointBatches
{
    /// <summary>
    /// In order; each batch within <see cref="Limits.BatchRowsMax"/> and, unless it is one point,
    /// <see cref="Limits.BatchBytesMax"/>.
    /// </summary>
    public static IEnumerable<IReadOnlyList<StorePoint>> Cut(IReadOnlyList<StorePoint> points)
    {
        var batch = new List<StorePoint>();
        var bytes = 0L;
        foreach (var point in points)
        {
            var size = SizeOf(point);
            if (batch.Count == Limits.BatchRowsMax || (batch.Count > 0 && bytes + size > Limits.BatchBytesMax))
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }
            batch.Add(point);
            bytes += size;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    static long SizeOf(StorePoint point) =>
        point.Id.Length + (point.Vector?.Length ?? 0) + BytesOf(point.Text) + BytesOf(point.Payload);

    static int BytesOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
