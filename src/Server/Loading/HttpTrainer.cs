using System.Net;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;

namespace VectorDb.Server.Loading;

/// <summary>Has a running server train centroids.</summary>
public sealed class HttpTrainer(VectorDbClient client) : ITrainer
{
    public async Task<string?> TrainAsync(IReadOnlyList<PointInput> sample, long sampledFrom, CancellationToken cancellationToken)
    {
        try
        {
            await client.TrainAsync(sample, sampledFrom, cancellationToken);
            return null;
        }
        catch (ApiException refused) when (refused.IsRefusal || refused.Status == HttpStatusCode.Conflict)
        {
            return refused.Message;
        }
    }
}
