using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Client;

/// <summary>Waits for a server that is starting.</summary>
public static class ServerReadiness
{
    /// <summary>Guess: opening a million rows takes seconds; a minute is a server that will not come up.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the status as soon as model, bus and shards are ready.</summary>
    /// <exception cref="HttpRequestException">Nothing answers at all.</exception>
    /// <exception cref="CommandFailure">It answers, but does not get ready within a minute.</exception>
    public static async Task<ServerStatus> WaitAsync(VectorDbClient client, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var begin = clock.GetTimestamp();
        while (!await client.IsReadyAsync(cancellationToken))
        {
            if (clock.GetElapsedTime(begin) > Patience)
                throw new CommandFailure(
                    $"The server at {client.Address} answers but does not get ready. Ask it why: curl {client.Address}/readyz");
            await Task.Delay(Pause, cancellationToken);
        }

        return await client.GetStatusAsync(cancellationToken);
    }
}
