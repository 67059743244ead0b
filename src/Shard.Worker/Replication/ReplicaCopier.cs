using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Replication;

/// <summary>Fills an empty file from a replica that takes part.</summary>
public sealed class ReplicaCopier(IBus bus, int shard, int source)
{
    /// <summary>The source first commits what its queue holds, which may be a lot.</summary>
    static readonly RequestTimeout BeginTimeout = RequestTimeout.After(s: 60);

    static readonly RequestTimeout PageTimeout = RequestTimeout.After(s: 20);

    public long RowsCopied { get; private set; }

    public long RowsInAll { get; private set; }

    /// <summary>The file is complete when this returns, and says so. What was sent since waits in the replica's queues.</summary>
    /// <exception cref="RequestException">The source does not answer any more; the file stays unfinished.</exception>
    public async Task FillAsync(ShardWriter target, CancellationToken cancellationToken)
    {
        var begun = await AskAsync<BeginCopy, CopyBegun>(new() { Shard = shard }, BeginTimeout, cancellationToken);
        RowsInAll = begun.Points;
        var schema = begun.Shape is { } shape ? Rows.SchemaOf(shape) : null;
        await WriteAsync(target, transaction =>
        {
            if (schema is not null)
                transaction.DefineSchema(schema);
            new ReplicaFile { Copy = CopyState.Empty }.Write(transaction);
        }, cancellationToken);
        foreach (var kind in CopyKinds.All)
            await CopyAsync(kind, target, cancellationToken);
        await WriteAsync(
            target,
            new ReplicaFile { Copy = CopyState.Complete, Position = begun.Position, Members = begun.Members }.Write,
            cancellationToken);
    }

    async Task CopyAsync(string kind, ShardWriter target, CancellationToken cancellationToken)
    {
        var request = new CopyPage { Shard = shard, Kind = kind };
        while (true)
        {
            var page = await AskAsync<CopyPage, PageCopied>(request, PageTimeout, cancellationToken);
            await WriteAsync(target, transaction => CopyPages.Apply(transaction, page), cancellationToken);
            RowsCopied += page.Rows.Count;
            if (page.Next is null)
                return;
            request = request with { After = page.Next, AfterOrdinal = page.NextOrdinal };
        }
    }

    static Task WriteAsync(ShardWriter target, Action<ShardTransaction> change, CancellationToken cancellationToken) =>
        target.WriteAsync(
            transaction =>
            {
                change(transaction);
                return true;
            },
            cancellationToken);

    async Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, RequestTimeout timeout, CancellationToken cancellationToken)
        where TRequest : class
        where TResponse : class
    {
        var client = bus.CreateRequestClient<TRequest>(ShardAddress.Peer(shard, source), timeout);
        return (await client.GetResponse<TResponse>(request, cancellationToken)).Message;
    }
}
