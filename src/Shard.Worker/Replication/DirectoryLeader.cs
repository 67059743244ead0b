using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Decides for a home while its directory queue gives this replica the messages: plans each change without making it, logs it, makes it
/// when the log brings it back, and answers when every member has made it. So nothing is answered that another replica does not know,
/// and a leader that dies leaves nothing behind that only it knew. Thread-safe.
/// </summary>
public sealed class DirectoryLeader : IDirectoryWriter, IAsyncDisposable
{
    /// <summary>Messages decided together: one commit of each replica, as <see cref="ShardWriter"/> does without replicas.</summary>
    const int ChangesAtOnce = 32;

    readonly ReplicaLog _log;
    readonly LeaderPort _port;
    readonly OwnedShard _shard;
    readonly ReplicaAcks _acks;
    readonly Coalescer<Decision> _decisions;
    readonly CancellationToken _stopping;
    long _term = -1;

    public DirectoryLeader(OwnedShard shard, ReplicaLog log, LeaderPort port, ILogger logger, CancellationToken stopping)
    {
        (_shard, _log, _port, _stopping) = (shard, log, port, stopping);
        _acks = new(port.Self, log, stopping);
        _decisions = new(new(ChangesAtOnce, BatchesAtOnce: 1, Waiting: 1_024), DecideAsync, logger);
    }

    /// <summary>This replica decides at present, as far as it knows.</summary>
    public bool IsLeading => _term >= 0 && _log.Position.Term == _term;

    public async Task<T> ChangeAsync<T>(Func<ShardTransaction, T> change, CancellationToken cancellationToken) =>
        (T)(await DecidedAsync(new(transaction => change(transaction), Members: null), cancellationToken))!;

    /// <summary>Makes the replica a member; completes when all members know. Returns them.</summary>
    public Task<ReplicaMembers> JoinAsync(int replica, CancellationToken cancellationToken)
    {
        _port.Peers.Hear(replica);
        return ChangeMembersAsync(members => members.Contains(replica) ? members : [.. members.Append(replica).Order()], cancellationToken);
    }

    /// <summary>Goes on without members that have been silent for so long that they have stopped answering.</summary>
    public async Task DropSilentAsync(CancellationToken cancellationToken)
    {
        if (IsLeading && _log.Members is { } members && members.Replicas.Any(IsLost))
            await ChangeMembersAsync(all => [.. all.Where(replica => !IsLost(replica))], cancellationToken);

        bool IsLost(int replica) => replica != _port.Self && _port.Peers.IsSilent(replica);
    }

    public void Note(LogApplied applied) => _acks.Note(applied.Replica, applied.Position);

    public ValueTask DisposeAsync() => _decisions.DisposeAsync();

    async Task<ReplicaMembers> ChangeMembersAsync(Func<int[], int[]> change, CancellationToken cancellationToken)
    {
        await DecidedAsync(new(Change: null, change), cancellationToken);
        return _log.Members!;
    }

    async Task<object?> DecidedAsync(Decision decision, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping);
        await _decisions.AddAsync(decision, either.Token);
        return await decision.Done.Task.WaitAsync(either.Token);
    }

    async Task DecideAsync(IReadOnlyList<Decision> batch, CancellationToken cancellationToken)
    {
        try
        {
            await LeadAsync();
            foreach (var group in Together(batch))
                await DecideAsync(group);
        }
        catch (Exception e)
        {
            foreach (var decision in batch)
                decision.Done.TrySetException(e);
        }
    }

    /// <summary>Changes of the directory together, changes of members alone, in their order.</summary>
    static IEnumerable<List<Decision>> Together(IReadOnlyList<Decision> batch)
    {
        var group = new List<Decision>();
        foreach (var decision in batch)
        {
            if (group.Count > 0 && (decision.Change is null || group[0].Change is null))
            {
                yield return group;
                group = [];
            }
            group.Add(decision);
        }
        yield return group;
    }

    async Task DecideAsync(IReadOnlyList<Decision> group)
    {
        var results = new List<object?>();
        var change = new DirectoryChange { Version = _shard.Engine.Copy.Version };
        try
        {
            if (group[0].Change is not null)
                (results, change) = _shard.Engine.Plan(transaction => group.Select(decision => decision.Change!(transaction)).ToList());
        }
        catch (Exception) when (group.Count > 1)
        {
            foreach (var decision in group)
                await DecideAsync([decision]);
            return;
        }
        catch (Exception e)
        {
            group[0].Done.TrySetException(e);
            return;
        }
        var members = group[0].Members?.Invoke(_log.Members?.Replicas ?? []);
        if ((!change.IsEmpty || members is not null) && !await LogAsync(change, members))
            throw new OperationCanceledException("Another replica leads now.");
        _ = CompleteAsync(group, results, _log.Position);
    }

    /// <summary>A change that had been made before is answered like a new one: only when everybody has it.</summary>
    async Task CompleteAsync(IReadOnlyList<Decision> group, List<object?> results, LogPosition position)
    {
        try
        {
            await _acks.AwaitAsync(position);
            for (var i = 0; i < group.Count; i++)
                group[i].Done.TrySetResult(i < results.Count ? results[i] : null);
        }
        catch (Exception e)
        {
            foreach (var decision in group)
                decision.Done.TrySetException(e);
        }
    }

    /// <summary>
    /// Becomes the leader: applies everything that was logged so far, then logs the beginning of a term, after which decisions of earlier
    /// leaders no longer count.
    /// </summary>
    async Task LeadAsync()
    {
        if (IsLeading)
            return;
        do
        {
            await _port.DrainLogAsync(_log, _stopping);
            _term = _log.Position.Term + 1;
        }
        while (!await LogAsync(new() { Version = _shard.Engine.Copy.Version }, members: null));
    }

    /// <summary>Returns false when something of another leader came before it.</summary>
    async Task<bool> LogAsync(DirectoryChange change, int[]? members)
    {
        var previous = _log.Position;
        var position = new LogPosition { Term = _term, Sequence = previous.Sequence + 1 };
        var met = _log.AwaitAsync(position);
        await _port.LogAsync(
            new()
            {
                Shard = _shard.Number,
                Leader = _port.Self,
                Position = position,
                Previous = previous,
                Version = change.Version,
                Entries = [.. change.Entries.Select(LogMessages.Logged)],
                Claims = [.. change.Claims.Select(LogMessages.Logged)],
                Outcomes = [.. change.Outcomes.Select(LogMessages.Logged)],
                Documents = [.. change.Documents.Select(LogMessages.Logged)],
                Members = members,
            },
            _stopping);
        return await met.WaitAsync(_stopping);
    }

    /// <summary>Something to decide: a change of the directory, or of the members.</summary>
    sealed record Decision(Func<ShardTransaction, object?>? Change, Func<int[], int[]>? Members)
    {
        public TaskCompletionSource<object?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
