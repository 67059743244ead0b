using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;

namespace VectorDb.Server.Loading;

/// <summary>
/// Sends one batch until it is stored or refused. Waits while the server is busy or away; a refused batch is sent
/// again point by point, so that only the bad ones are left out. Sending a batch twice stores it once, because ids
/// are keys. Thread-safe.
/// </summary>
public sealed class BatchSender(VectorDbClient client, LoadProgress progress) : IBatchSender
{
    /// <summary>A restart of the server takes some seconds; longer than this it is rather gone.</summary>
    static readonly TimeSpan PatienceWhenAway = TimeSpan.FromSeconds(30);

    /// <summary>Guess: a server that works off its queue says so again and again for less than this.</summary>
    static readonly TimeSpan PatienceWhenBusy = TimeSpan.FromMinutes(5);

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>So many refusals before anything was stored mean that the input as a whole is wrong.</summary>
    const int RefusalsMax = 100;

    const int FaultsMax = 3;

    int _isAway;
    int _refusals;

    /// <exception cref="CommandFailure">The server stays away, fails, or refuses everything.</exception>
    public async Task SendAsync(IReadOnlyList<LoadedRow> batch, CancellationToken cancellationToken)
    {
        var problem = await TryStoreAsync(batch, cancellationToken);
        if (problem is null)
            return;
        if (batch.Count == 1)
        {
            Reject(batch[0], problem);
            return;
        }

        foreach (var row in batch)
        {
            if (await TryStoreAsync([row], cancellationToken) is { } itsProblem)
                Reject(row, itsProblem);
        }
    }

    void Reject(LoadedRow row, string problem)
    {
        progress.AddRejected(row, $"the server refuses it: {problem}");
        if (progress.Stored == 0 && Interlocked.Increment(ref _refusals) >= RefusalsMax)
            throw new CommandFailure($"The server refuses every row. The last time it said: {problem}");
    }

    /// <returns>Null when the rows are stored, or why the server refuses them.</returns>
    async Task<string?> TryStoreAsync(IReadOnlyList<LoadedRow> rows, CancellationToken cancellationToken)
    {
        PointInput[] points = [.. rows.Select(row => row.Point!)];
        var clock = TimeProvider.System;
        var begin = clock.GetTimestamp();
        for (var faults = 0; ; await Task.Delay(Pause, cancellationToken))
        {
            try
            {
                await client.StoreAsync(points, cancellationToken);
                NoteReturn();
                progress.AddStored(rows);
                return null;
            }
            catch (ApiException refused) when (refused.IsRefusal)
            {
                return refused.Message;
            }
            catch (ApiException busy) when (busy.IsBusy)
            {
                if (clock.GetElapsedTime(begin) > PatienceWhenBusy)
                    throw new CommandFailure($"The server stays too busy: {busy.Message} {HowToGoOn}", busy);
                await Task.Delay(busy.RetryAfter ?? TimeSpan.Zero, cancellationToken);
            }
            catch (ApiException failed) when ((int)failed.Status >= 500 && ++faults < FaultsMax)
            {
                progress.Note($"the server failed (HTTP {(int)failed.Status}: {failed.Message}); trying again");
            }
            catch (ApiException failed)
            {
                throw new CommandFailure($"The server answers HTTP {(int)failed.Status}: {failed.Message} {HowToGoOn}", failed);
            }
            catch (Exception away) when (away is HttpRequestException or IOException)
            {
                NoteLoss();
                if (clock.GetElapsedTime(begin) > PatienceWhenAway)
                    throw new CommandFailure($"No server answers at {client.Address} any more. {HowToGoOn}", away);
            }
        }
    }

    void NoteLoss()
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
            progress.Note($"no server answers at {client.Address}; trying again for {PatienceWhenAway.TotalSeconds:N0} s");
    }

    void NoteReturn()
    {
        if (Interlocked.Exchange(ref _isAway, 0) == 1)
            progress.Note("the server answers again");
    }

    /// <summary>What a user may do after a load that stopped.</summary>
    public const string HowToGoOn =
        "What is stored stays. Run the same command again to go on: nothing is duplicated, "
        + "and --resume leaves out what is there.";
}
