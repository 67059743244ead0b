using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>Whoever can train centroids for a load: a server over HTTP, or the workers over their broker.</summary>
public interface ITrainer
{
    /// <summary>
    /// Trains and sets centroids. `sampledFrom`: how many rows the sample stands for. Returns why not, as a clause; null when it did.
    /// </summary>
    Task<string?> TrainAsync(IReadOnlyList<PointInput> sample, long sampledFrom, CancellationToken cancellationToken);
}
