using System.Text;

namespace VectorDb.Contracts;

/// <summary>Cuts points into messages of a good size.</summary>
public static class PointBatches
{
    public static IEnumerable<IReadOnlyList<StorePoint>> Cut(IReadOnlyList<StorePoint> points) => Cut(
        points, point => point.Id.Length + (point.Vector?.Length ?? 0) + BytesOf(point.Text) + BytesOf(point.Payload));

    /// <summary>
    /// In order; each batch within <see cref="Limits.BatchRowsMax"/> and, unless it is one item, <see cref="Limits.BatchBytesMax"/>.
    /// </summary>
    public static IEnumerable<IReadOnlyList<T>> Cut<T>(IReadOnlyList<T> items, Func<T, int> bytesOf)
    {
        var batch = new List<T>();
        var bytes = 0L;
        foreach (var item in items)
        {
            var size = bytesOf(item);
            if (batch.Count == Limits.BatchRowsMax || (batch.Count > 0 && bytes + size > Limits.BatchBytesMax))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
            batch.Add(item);
            bytes += size;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    /// <summary>UTF-8 bytes of a text; 0 where there is none.</summary>
    public static int BytesOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
