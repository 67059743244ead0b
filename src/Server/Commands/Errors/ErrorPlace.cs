using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Server.Commands.Errors;

/// <summary>The error queues of a broker.</summary>
sealed class ErrorPlace : IAsyncDisposable
{
    /// <summary>Shards are numbered without gaps, but one that was never started may be followed by one that was.</summary>
    const int GapMax = 16;

    readonly BrokerConnection _connection;

    ErrorPlace(BrokerConnection connection) => _connection = connection;

    /// <exception cref="CommandFailure">The broker does not answer or refuses.</exception>
    public static async Task<ErrorPlace> OpenAsync(string? broker, CancellationToken stop)
    {
        try
        {
            return new(await BrokerConnection.OpenAsync(broker, stop));
        }
        catch (BrokerException failure)
        {
            throw new CommandFailure(failure.Message, failure);
        }
    }

    /// <summary>
    /// The error queues that exist, in order, or the named one. AMQP lists no queues, so they are asked for by the names that ours
    /// can have.
    /// </summary>
    /// <exception cref="CommandFailure">There is no queue of the given name.</exception>
    public async Task<IReadOnlyList<ErrorQueue>> FindAsync(string? name, CancellationToken stop)
    {
        if (name is not null)
            return await ExistingAsync([name], stop) is { Count: > 0 } exact && exact[0].Origin != name
                ? exact
                : await ExistingAsync(ErrorQueue.NamesFor([name]), stop) is { Count: > 0 } found
                    ? found
                    : throw new CommandFailure($"There is no error queue {name}. 'vectordb errors list' shows those that have messages.");
        var queues = await ExistingAsync(ErrorQueue.NamesFor([ShardAddress.IngestName, ShardAddress.RouteSearchName]), stop);
        for (int shard = 0, missing = 0; shard < Limits.ShardsMax && missing < GapMax; shard++)
        {
            var ofShard = await ExistingAsync(ErrorQueue.NamesFor(NamesOf(shard)), stop);
            queues.AddRange(ofShard);
            missing = ofShard.Count == 0 ? missing + 1 : 0;
        }
        return queues;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    static IEnumerable<string> NamesOf(int shard) =>
        [ShardAddress.WriteName(shard), ShardAddress.DirectoryName(shard), ShardAddress.SearchName(shard)];

    async Task<List<ErrorQueue>> ExistingAsync(IEnumerable<string> names, CancellationToken stop)
    {
        var queues = new List<ErrorQueue>();
        foreach (var queue in names.Select(_connection.ErrorQueue))
            if (await queue.CountAsync(stop) is not null)
                queues.Add(queue);
        return queues;
    }
}
