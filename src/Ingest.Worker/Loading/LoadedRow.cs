using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>One row of a file: either a point to store, or the problem that keeps it from being one.</summary>
/// <param name="Number">Row number from 0, counting data rows; a bad row takes its number too, so that no id
/// shifts.</param>
/// <param name="Line">Line of the file, from 1, in which the row begins.</param>
/// <param name="Bytes">How many bytes of the input were read for it.</param>
/// <param name="Point">What to store, or null for a bad row.</param>
/// <param name="Problem">What is wrong with the row, or null for a good one.</param>
public sealed record LoadedRow(long Number, long Line, long Bytes, PointInput? Point, string? Problem)
{
    /// <summary>
    /// A point, if the server can take it: its limits are checked here, so that a bad row does not cost its whole
    /// batch a second request. The server checks again.
    /// </summary>
    public static LoadedRow Check(long number, long line, long bytes, PointInput point)
    {
        var isEmpty = point.Vector is null && string.IsNullOrWhiteSpace(point.Text);
        var problem = point.Problem() ?? (isEmpty ? "has an empty text" : null);
        return problem is null
            ? new LoadedRow(number, line, bytes, point, null)
            : Bad(number, line, bytes, $"it {problem}");
    }

    public static LoadedRow Bad(long number, long line, long bytes, string problem) => new(number, line, bytes, null, problem);
}
