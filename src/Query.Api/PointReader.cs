using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>Finds a point by its id through the directory: the home knows where it is, no other shard is asked. Thread-safe.</summary>
public sealed class PointReader(IBus bus, ClusterView view)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 5);

    /// <summary>Each attempt is a whole round: more than two are needed only while an id is rewritten all the time.</summary>
    const int AttemptsMax = 20;

    /// <summary>Returns the live row, or null where there is none.</summary>
    /// <exception cref="ProblemException">503 when a shard does not answer or its row is damaged.</exception>
    public async Task<PointRead?> FindAsync(byte[] id, bool withVector, CancellationToken cancellationToken)
    {
        IReadOnlyList<PointRead> before = [];
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var reads = await ReadOnceAsync(id, withVector, cancellationToken);
            if (reads.Where(read => read.IsLive).MaxBy(read => read.Version) is { } live)
                return live;
            if (reads.FirstOrDefault(read => read.IsDamaged) is { } damaged)
                throw ProblemException.Unavailable($"The point's row in shard {damaged.Shard} is damaged on disk (its checksum " +
                    "does not match) and has been set aside; store the point again to replace it.");
            // A row gone at a higher version than was claimed here may have moved between the two looks: look again. If that
            // shows the same, it was deleted, and stored again by somebody whose row never came.
            if (!reads.Any(read => read.Version > read.ClaimedVersion) || IsSame(reads, before))
                return null;
            before = reads;
        }
        throw ProblemException.Unavailable("The point is being rewritten all the time; try again.");
    }

    static bool IsSame(IReadOnlyList<PointRead> reads, IReadOnlyList<PointRead> before) => reads.Count == before.Count
        && reads.Zip(before).All(pair => pair.First.Shard == pair.Second.Shard && pair.First.Version == pair.Second.Version
            && pair.First.ClaimedVersion == pair.Second.ClaimedVersion);

    async Task<IReadOnlyList<PointRead>> ReadOnceAsync(byte[] id, bool withVector, CancellationToken cancellationToken)
    {
        var home = Home.Of(id, view.ShardCount);
        try
        {
            var client = bus.CreateRequestClient<GetPoint>(ShardAddress.Search(home), Timeout);
            var answer = await client.GetResponse<PointRead, PointLocated>(
                new GetPoint { Shard = home, Id = id, WithVector = withVector }, Delivery.Transient, cancellationToken);
            if (answer.Is(out Response<PointRead>? read))
                return [read.Message];
            return answer.Is(out Response<PointLocated>? located) && !located.Message.IsUnknown
                ? await Task.WhenAll(located.Message.Places.Select(place => ReadAtAsync(place, id, withVector, cancellationToken)))
                : [];
        }
        catch (RequestTimeoutException)
        {
            throw ProblemException.Unavailable(
                $"Shard {home} (or the shard that holds the point) does not answer. See GET / for its health; try again.");
        }
        catch (RequestFaultException e)
        {
            throw ProblemException.Unavailable("The shard could not read the point: " + e.Message);
        }
    }

    async Task<PointRead> ReadAtAsync(PlaceOfPoint place, byte[] id, bool withVector, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<ReadPoint>(ShardAddress.Search(place.Shard), Timeout);
        var read = await client.GetResponse<PointRead>(
            new ReadPoint { Shard = place.Shard, Id = id, WithVector = withVector, ClaimedVersion = place.Version },
            Delivery.Transient,
            cancellationToken);
        return read.Message;
    }
}
