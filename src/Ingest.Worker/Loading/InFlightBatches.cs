using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// The batches that are on their way to the server. At most so many at once, and never two with the same id: the later
/// row of a file wins, which needs the earlier one to be stored first. Used by one thread.
/// </summary>
public sealed class InFlightBatches(int countMax)
{
    readonly List<(HashSet<PointId> Ids, Task Sending)> _batches = [];

    /// <summary>Waits for room and starts sending.</summary>
    /// <exception cref="CommandFailure">An earlier batch could not be sent.</exception>
    public async Task AddAsync(IReadOnlyList<LoadedRow> batch, Func<IReadOnlyList<LoadedRow>, Task> send)
    {
        HashSet<PointId> ids = [.. batch.Select(row => row.Point!.Id)];
        while (_batches.Count >= countMax || _batches.Exists(other => other.Ids.Overlaps(ids)))
        {
            var finished = await Task.WhenAny(_batches.Select(other => other.Sending));
            _batches.RemoveAll(other => other.Sending == finished);
            await finished;
        }

        _batches.Add((ids, send(batch)));
    }

    /// <summary>Waits until none is left, and only then throws what one of them may have thrown.</summary>
    public Task WaitAsync() => Task.WhenAll(_batches.Select(batch => batch.Sending));
}
