using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands.Shards;

/// <summary>Adds or removes shards of a running server and follows that until it is done.</summary>
sealed class ShardsChange(VectorDbClient client, bool isJson)
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A server that restarts meanwhile goes on with the change; somebody who waits waits for it.</summary>
    static readonly TimeSpan AwayMax = TimeSpan.FromMinutes(2);

    public bool Waits { get; init; } = true;

    /// <summary>`difference`: how many more, or fewer when negative. Stopped by the token, the change goes on in the server.</summary>
    public async Task<int> RunAsync(int difference, CancellationToken stop)
    {
        var before = await client.GetShardsAsync(stop);
        if (before.Count + difference < 1)
            throw new CommandFailure($"There are {before.Count} shards: at most {before.Count - 1} can be removed.");
        var shards = await client.ChangeShardsAsync(before.Count + difference, stop);
        if (Waits)
            shards = await FollowAsync(shards, stop);
        ShardsView.Write(shards, isJson);
        return 0;
    }

    async Task<ShardsStatus> FollowAsync(ShardsStatus shards, CancellationToken stop)
    {
        var said = "";
        var heard = TimeProvider.System.GetTimestamp();
        while (shards.Change is { } change)
        {
            if (ShardsView.Describe(change) is var line && line != said)
                await Console.Error.WriteLineAsync(said = line);
            await Task.Delay(Pause, stop);
            try
            {
                shards = await client.GetShardsAsync(stop);
                heard = TimeProvider.System.GetTimestamp();
            }
            catch (Exception e) when ((e is HttpRequestException or ApiException { IsBusy: true })
                && TimeProvider.System.GetElapsedTime(heard) < AwayMax)
            {
                // It is asked again; what was begun is on its disk.
            }
        }
        return shards;
    }
}
