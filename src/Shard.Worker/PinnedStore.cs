using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.ShardWorker;

/// <summary>
/// Stores one point in a given shard whatever the centroids say. The same steps as on the usual way, in the same order: claim at
/// the id's home, commit here, evict elsewhere. Thread-safe.
/// </summary>
public sealed class PinnedStore(IBus bus)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 20);

    /// <summary>`point` was checked by itself; it is checked against the collection here. Returns the version.</summary>
    /// <exception cref="ProblemException">422 that names what is wrong; 503 when a shard or the router does not answer.</exception>
    public async Task<long> StoreAsync(OwnedShard shard, PointInput point, CancellationToken cancellationToken)
    {
        try
        {
            var embedded = point.Vector is null ? await EmbedAsync(point.Text!, cancellationToken) : null;
            var vector = point.Vector ?? VectorBytes.ToFloats(embedded!.Vectors[0]);
            // Before the collection is made by this point: a refused one must leave nothing behind.
            if (VectorChecks.Problem(vector, new CollectionShape { Dimensions = vector.Length }) is { } unusable)
                throw ProblemException.OutOfRange($"The point {point.Id} {unusable}.");
            var state = await DefineAsync(
                new() { Dimensions = vector.Length, Model = embedded?.Model, ModelChecksum = embedded?.ModelChecksum }, cancellationToken);
            if ((TextProblem(state.Shape, embedded, vector.Length) ?? VectorChecks.Problem(vector, state.Shape)) is { } problem)
                throw ProblemException.OutOfRange($"The point {point.Id} {problem}.");
            if (shard.Number >= state.ShardCount)
                throw ProblemException.Conflict($"Shard {shard.Number} is being removed; POST /store finds the right one.");
            return await CommitAsync(shard, point, vector, state, cancellationToken);
        }
        catch (RequestTimeoutException)
        {
            throw ProblemException.Unavailable("A shard or the embedding worker does not answer; try again. See GET / for health.");
        }
        catch (RequestFaultException e)
        {
            throw ProblemException.Unavailable("A shard or the embedding worker failed: " + e.Message);
        }
        catch (ShardException e) when (ShardEndpoints.WillPass(e))
        {
            // The claim stands, as after a crash between the two: the settler of its home ends it.
            throw ProblemException.Unavailable(e.Message);
        }
    }

    async Task<long> CommitAsync(
        OwnedShard shard, PointInput point, float[] vector, CollectionState state, CancellationToken cancellationToken)
    {
        var operation = NewId.NextGuid();
        var id = point.Id.ToKey();
        var grant = await ClaimAsync(
            new() { OperationId = operation, Ordinal = 0, Id = id, Target = shard.Number }, state.ShardCount, cancellationToken);
        var row = new PointRow
        {
            Key = new PointKey(id),
            Version = grant.Version,
            Epoch = state.Epoch,
            Vector = vector,
            Payload = point.PayloadJson(),
            Text = point.Text,
        };
        if (shard.Replica is { } replica)
            await CommitAsync(shard, replica, row, state, cancellationToken);
        else
            await CommitAsync(shard, row, state, cancellationToken);
        await Task.WhenAll(grant.OtherPlaces.Select(place => EvictAsync(place, operation, id, grant.Version, state, cancellationToken)));
        return grant.Version;
    }

    async Task<IdGrant> ClaimAsync(IdClaim claim, int shardCount, CancellationToken cancellationToken)
    {
        var home = Home.Of(claim.Id, shardCount);
        var client = bus.CreateRequestClient<ClaimIds>(ShardAddress.Directory(home), Timeout);
        var answer = await client.GetResponse<IdsClaimed, ClaimsDeferred>(
            new ClaimIds { Shard = home, Claims = [claim] }, cancellationToken);
        return answer.Is(out Response<IdsClaimed>? claimed)
            ? claimed.Message.Grants[0]
            : throw ProblemException.Unavailable("The number of shards is being changed, and this id waits for it; try again.");
    }

    static async Task CommitAsync(OwnedShard shard, PointRow row, CollectionState state, CancellationToken cancellationToken)
    {
        await shard.Writer.WriteAsync(
            transaction =>
            {
                transaction.DefineSchema(Rows.SchemaOf(state.Shape));
                return transaction.Upsert(row);
            },
            cancellationToken);
        shard.Sketch.Note(state.Shape, [row.Vector]);
    }

    /// <summary>Every replica gets the row through its queue; done when all members have it.</summary>
    async Task CommitAsync(
        OwnedShard shard, OpenReplica replica, PointRow row, CollectionState state, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Write(shard.Number));
        await endpoint.Send(
            new UpsertPoints
            {
                Shard = shard.Number,
                Collection = state.Shape,
                Epoch = state.Epoch,
                ShardCount = state.ShardCount,
                Points = [Rows.PointOf(row)],
            },
            cancellationToken);
        await replica.Port.DrainWritesAsync(replica.Marks, cancellationToken);
        await replica.Barrier.PassAsync(cancellationToken);
    }

    Task EvictAsync(int place, Guid operation, byte[] id, long version, CollectionState state, CancellationToken cancellationToken) =>
        AskAsync<EvictPoints, PointsEvicted>(
            ShardAddress.Write(place),
            new()
            {
                Shard = place,
                ShardCount = state.ShardCount,
                Points = [new() { OperationId = operation, Ordinal = 0, Id = id, Version = version }],
            },
            cancellationToken);

    static string? TextProblem(CollectionShape shape, TextsEmbedded? embedded, int dimensions) => embedded?.ModelChecksum is { } checksum
        ? VectorChecks.TextProblem(shape, embedded.Model, checksum, dimensions)
        : null;

    Task<TextsEmbedded> EmbedAsync(string text, CancellationToken cancellationToken) =>
        AskAsync<EmbedTexts, TextsEmbedded>(ShardAddress.RouteSearch, new() { Texts = [text] }, cancellationToken);

    async Task<CollectionState> DefineAsync(CollectionShape shape, CancellationToken cancellationToken)
    {
        var defined = await AskAsync<DefineCollection, CollectionDefined>(
            ShardAddress.Directory(ShardAddress.KeeperShard), new() { Shape = shape }, cancellationToken);
        return defined.State;
    }

    async Task<TResponse> AskAsync<TRequest, TResponse>(Uri address, TRequest request, CancellationToken cancellationToken)
        where TRequest : class
        where TResponse : class
    {
        var client = bus.CreateRequestClient<TRequest>(address, Timeout);
        return (await client.GetResponse<TResponse>(request, cancellationToken)).Message;
    }
}
