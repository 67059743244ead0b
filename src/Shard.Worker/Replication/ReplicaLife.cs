using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// One life of a replica of one shard: opens the file, makes it complete, catches up, joins, serves; ends when it must not serve any more.
/// Every return to service is a new life, so there is one way back only. The properties are thread-safe.
/// </summary>
public sealed class ReplicaLife
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    readonly ReplicaHost _host;
    readonly ReplicaQueues _queues;
    readonly int _shard;
    readonly CancellationTokenSource _ending;
    readonly ReplicaLease _lease;
    readonly ReplicaPeers _peers;
    readonly GoneReplicas _gone;
    readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<OpenReplica> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool _isServing;
    volatile string _state = ReplicaStates.Waiting;
    ReplicaFilling? _filling;
    Shard? _file;
    long _lastVersion;

    public ReplicaLife(ReplicaHost host, int shard, CancellationToken stopping)
    {
        (_host, _shard) = (host, shard);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        (Ending, _lease, _peers) = (_ending.Token, new(host.Clock), new(host.Options.Replica));
        _queues = new(host.Link, this, shard, host.Options.Replica);
        _gone = new(host, shard, _peers);
    }

    /// <summary>Tells this life's announcements from those of others.</summary>
    public Guid Id { get; } = NewId.NextGuid();

    public CancellationToken Ending { get; }

    /// <summary>May answer: it has everything that was acknowledged, and the others know it.</summary>
    public bool IsServing => _isServing && _lease.Holds && !Ending.IsCancellationRequested;

    /// <summary>Null until the file is complete.</summary>
    public OpenReplica? Opened => _open.Task.IsCompletedSuccessfully ? _open.Task.Result : null;

    public DeliveryOrder Order { get; } = new();

    public DeliveryOrder LogOrder { get; } = new();

    /// <summary>Completes when the file is complete.</summary>
    /// <exception cref="OperationCanceledException">The life ends.</exception>
    public Task<OpenReplica> OpenAsync() => _open.Task.WaitAsync(Ending);

    public void Note(ShardAnnounced announced) => _peers.Note(announced, Id);

    /// <summary>Ends this life.</summary>
    public void Fail(Exception failure) => _failed.TrySetException(failure);

    /// <summary>
    /// It failed here, and may have succeeded at another replica: a full disk, a lost change; not what is wrong with a message.
    /// </summary>
    public static bool IsOfThisReplica(Exception failure) =>
        failure is DiskFullException or ShardAccessException or ShardDamagedException or ReplicaBehindException or ObjectDisposedException;

    /// <summary>What is lacking until it serves; null when nothing is.</summary>
    public string? Lacking => IsServing ? null : $"Shard {_shard}, replica {_host.Options.Replica}: " + _state switch
    {
        ReplicaStates.Waiting => "has no complete copy of the shard and waits for a replica to copy from, or, where none has one, for all "
            + $"{_host.Options.Replicas} replicas to be there.",
        ReplicaStates.Copying => $"is being copied: {_filling?.Progress}.",
        _ => _state + ".",
    };

    /// <summary>Lives until it is stopped or cannot serve any longer, which is thrown.</summary>
    public async Task RunAsync()
    {
        var announcing = AnnounceAsync();
        try
        {
            await await Task.WhenAny(LiveAsync(), announcing, _failed.Task);
        }
        catch (ReplicaBehindException)
        {
            await MarkBehindAsync();
            throw;
        }
        finally
        {
            _isServing = false;
            var closing = _queues.CloseAsync();
            await _ending.CancelAsync();
            await closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await announcing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await CloseFileAsync();
        }
    }

    async Task LiveAsync()
    {
        _file = _host.Shards.OpenFile(_shard, Ending);
        var copy = await ConnectAsync(_file);
        _filling = new(_host, _peers, _shard, _file);
        if (copy != CopyState.Complete)
            _file = await _filling.CompleteAsync(copy, () => _state = ReplicaStates.Copying, Ending);
        var replica = Open(_file);
        _state = ReplicaStates.CatchingUp;
        await replica.Port.DrainLogAsync(replica.Log, Ending);
        await replica.Port.DrainWritesAsync(replica.Marks, Ending);
        if (replica.Log.IsMember)
            await _queues.ConnectDirectoryAsync(Ending);
        await JoinAsync(replica);
        await ServeAsync(replica);
    }

    /// <summary>While it holds its name, no other replica gives its queues up, see <see cref="GoneReplicas"/>.</summary>
    async Task<CopyState> ConnectAsync(Shard file)
    {
        await using var hold = await _host.Queues.HoldAsync(ShardAddress.HoldName(_shard, _host.Options.Replica), Ending);
        var copy = await CheckContinuityAsync(file, hold);
        await _queues.ConnectOwnAsync(Ending);
        return copy;
    }

    /// <summary>
    /// A queue that does not exist any more, or was given up, has taken messages with it. Noted before the queue is made anew.
    /// </summary>
    async Task<CopyState> CheckContinuityAsync(Shard file, QueueHold hold)
    {
        var found = ReplicaFile.Read(file);
        var givenUp = ShardAddress.GivenUpName(_shard, _host.Options.Replica);
        var lost = await hold.ExistsAsync(givenUp, Ending);
        foreach (var queue in ReplicaQueues.NamesOf(_shard, _host.Options.Replica))
            lost |= !await hold.ExistsAsync(queue, Ending);
        if (found.Copy == CopyState.Complete && lost)
        {
            found = found with { Copy = CopyState.Behind };
            file.Write(Written(found));
        }
        await hold.DeleteAsync(givenUp, Ending);
        _lastVersion = found.Copy == CopyState.Empty ? -1 : file.Copy.Version;
        return found.Copy;
    }

    OpenReplica Open(Shard file)
    {
        var shard = _host.Shards.Add(file);
        var port = new LeaderPort(_host.Bus, _shard, _host.Options.Replica, _peers);
        var replica = new OpenReplica(_host.Bus, shard, port, _host.Logger, Ending) { Order = Order, LogOrder = LogOrder };
        shard.Replicate(replica);
        _open.TrySetResult(replica);
        return replica;
    }

    /// <summary>
    /// From the first announcement of joining on, the lease must not lapse; from the answer on, writes wait for this replica.
    /// </summary>
    async Task JoinAsync(OpenReplica replica)
    {
        _state = ReplicaStates.Joining;
        while (!_lease.Holds)
            await Task.Delay(LookEvery, Ending);
        var client = _host.Bus.CreateRequestClient<JoinReplica>(ShardAddress.Directory(_shard), RequestTimeout.After(s: 15));
        while (true)
            try
            {
                await client.GetResponse<ReplicaJoined>(new JoinReplica { Shard = _shard, Replica = replica.Number }, Ending);
                break;
            }
            catch (Exception e) when (e is RequestTimeoutException or RequestFaultException)
            {
                _host.Logger.LogWarning("Shard {Shard}: no leader has let this replica join yet: {Reason}", _shard, e.Message);
                CheckLease();
            }
        await replica.Port.DrainWritesAsync(replica.Marks, Ending);
    }

    async Task ServeAsync(OpenReplica replica)
    {
        CheckLease();
        _isServing = true;
        await _queues.ConnectServiceAsync(Ending);
        _state = ReplicaStates.InSync;
        _host.Logger.LogInformation("Shard {Shard}, replica {Replica} is in sync and serves", _shard, replica.Number);
        while (true)
        {
            await Task.Delay(LookEvery, Ending);
            CheckLease();
            if (!replica.Log.IsMember)
                throw new ReplicaLapsedException("The others go on without it.");
        }
    }

    void CheckLease()
    {
        if (!_lease.Holds)
            throw new ReplicaLapsedException("It could not announce itself for some seconds.");
    }

    /// <summary>The pause comes after the announcement, so that two are never closer together than it.</summary>
    async Task AnnounceAsync()
    {
        while (true)
        {
            var (since, state) = (_host.Clock.GetTimestamp(), _state);
            await _host.Bus.Publish(Announcement(state), Ending).LeaveBehindAsync(Ending);
            if (state is ReplicaStates.Joining or ReplicaStates.InSync)
                _lease.Renew(since);
            if (Opened is { } replica)
            {
                replica.Progress.Repeat();
                _ = LookAroundAsync(replica);
            }
            await Task.Delay(ReplicaHost.AnnounceEvery, Ending);
        }
    }

    async Task LookAroundAsync(OpenReplica replica)
    {
        try
        {
            await replica.Leader.DropSilentAsync(Ending);
            if (IsServing)
                await _gone.LookAsync(replica, Ending);
        }
        catch (Exception e) when (!Ending.IsCancellationRequested)
        {
            _host.Logger.LogWarning("Shard {Shard}: the other replicas could not be seen after: {Reason}", _shard, e.Message);
        }
    }

    ShardAnnounced Announcement(string state) => new()
    {
        Shard = _shard,
        ShardCount = _host.Options.Shards,
        Url = _host.Urls.Of(_shard),
        Replica = _host.Options.Replica,
        Replicas = _host.Options.Replicas,
        State = state,
        Members = Opened?.Log.Members,
        LastVersion = _lastVersion,
        Life = Id,
        Worker = _host.Shards.Worker,
    };

    async Task MarkBehindAsync()
    {
        if (_host.Shards.TryGet(_shard, out var shard))
            await shard!.Writer.WriteAsync(
                Written(ReplicaFile.Read(shard.Engine) with { Copy = CopyState.Behind }), CancellationToken.None);
    }

    async Task CloseFileAsync()
    {
        if (Opened is { } replica)
            await replica.DisposeAsync();
        if (!await _host.Shards.RemoveAsync(_shard))
            (_filling?.File ?? _file)?.Dispose();
    }

    static Func<ShardTransaction, bool> Written(ReplicaFile file) => transaction =>
    {
        file.Write(transaction);
        return true;
    };
}

/// <summary>This replica must not answer any more until it has joined again.</summary>
public sealed class ReplicaLapsedException(string message) : Exception(message);
