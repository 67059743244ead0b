namespace VectorDb.IngestWorker.Loading;

/// <summary>The file that gets a line for each row that was left out, where the user wants one. Thread-safe.</summary>
public static class RejectionFile
{
    /// <returns>Null where no file is wanted.</returns>
    /// <exception cref="CommandFailure">It cannot be written.</exception>
    public static TextWriter? Open(string? path)
    {
        if (path is null)
            return null;
        try
        {
            return TextWriter.Synchronized(new StreamWriter(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{path} (--rejected) cannot be written: {e.Message}", e);
        }
    }
}
