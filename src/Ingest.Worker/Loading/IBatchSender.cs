namespace VectorDb.IngestWorker.Loading;

/// <summary>Where a load's rows go: to a server over HTTP, or to the workers through their broker. Thread-safe.</summary>
public interface IBatchSender
{
    /// <summary>Returns when each row is stored or refused, and counted so. No two rows of a batch have the same id.</summary>
    Task SendAsync(IReadOnlyList<LoadedRow> rows, CancellationToken cancellationToken);
}
