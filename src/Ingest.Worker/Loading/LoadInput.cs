using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// A file or standard input that is to be loaded, with the limit that the user set. A file can be read several times,
/// a pipe once.
/// </summary>
public sealed class LoadInput(string path, RowFormatOptions format, long limit)
{
    public const string StandardInput = "-";

    public bool IsPipe => path == StandardInput;

    public string Name => IsPipe ? "standard input" : path;

    /// <summary>Length in bytes, or null for a pipe.</summary>
    public long? Length => IsPipe ? null : new FileInfo(path).Length;

    /// <exception cref="CommandFailure">There is no such file, or it is not readable as rows.</exception>
    public IRowReader Open()
    {
        if (IsPipe)
            return RowReaders.Open(Console.OpenStandardInput(), Name, format);
        if (Directory.Exists(path))
            throw new CommandFailure($"{path} is a folder: name one file, or pipe several into 'vectordb load -'.");
        try
        {
            return RowReaders.Open(File.OpenRead(path), path, format);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure($"There is no file {path}.", missing);
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new CommandFailure($"{path} cannot be read: {denied.Message}", denied);
        }
    }

    /// <summary>The rows of a reader up to the limit.</summary>
    public IEnumerable<LoadedRow> Limit(IEnumerable<LoadedRow> rows) =>
        limit == long.MaxValue ? rows : rows.TakeWhile(row => row.Number < limit);

    /// <summary>See <see cref="TrainingSample.Spread"/>; files only.</summary>
    public (IReadOnlyList<PointInput> Sample, long Rows) SpreadSample(int? wanted, CancellationToken stop) =>
        TrainingSample.Spread(Open, limit, wanted, stop);
}
