using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Makes an incomplete file complete: copied from a replica that takes part, or, where every replica is there and none has more, declared
/// the one that the others copy. A replica alone never does that: what it lacks may be on another's disk.
/// </summary>
public sealed class ReplicaFilling(ReplicaHost host, ReplicaPeers peers, int shard, Shard file)
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    ReplicaCopier? _copier;

    /// <summary>The file as it is open at present.</summary>
    public Shard? File { get; private set; } = file;

    public string Progress => _copier is { } copier ? $"{copier.RowsCopied} of {copier.RowsInAll} rows" : "begins";

    public async Task<Shard> CompleteAsync(CopyState copy, Action copying, CancellationToken cancellationToken)
    {
        var version = File!.Copy.Version;
        while (true)
        {
            var present = peers.Present.Where(peer => peer.Replicas == host.Options.Replicas).ToList();
            if (present.FirstOrDefault(peer => peer.State == ReplicaStates.InSync) is { } source)
            {
                copying();
                return await CopyAsync(source.Replica, cancellationToken);
            }
            if (IsFurthestOfAll(present, copy == CopyState.Empty ? -1 : version))
                return Found();
            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    bool IsFurthestOfAll(List<ShardAnnounced> present, long version) =>
        present.Count == host.Options.Replicas - 1
        && present.All(peer => peer.State == ReplicaStates.Waiting)
        && present.All(peer => version > peer.LastVersion || (version == peer.LastVersion && host.Options.Replica < peer.Replica));

    Shard Found()
    {
        host.Logger.LogInformation("Shard {Shard}: no replica has a complete copy; the others copy this one", shard);
        var before = ReplicaFile.Read(File!);
        var complete = before with
        {
            Copy = CopyState.Complete,
            Members = new() { Since = before.Position, Replicas = [host.Options.Replica] },
        };
        File!.Write(transaction =>
        {
            complete.Write(transaction);
            return true;
        });
        return File;
    }

    async Task<Shard> CopyAsync(int source, CancellationToken cancellationToken)
    {
        host.Logger.LogWarning("Shard {Shard}: lacks a complete copy, and is copied from replica {Source}", shard, source);
        File!.Dispose();
        File = null;
        host.Shards.DeleteFile(shard);
        File = host.Shards.OpenFile(shard, cancellationToken);
        _copier = new(host.Bus, shard, source);
        await using var writer = new ShardWriter(File, host.Logger);
        await _copier.FillAsync(writer, cancellationToken);
        host.Logger.LogInformation("Shard {Shard}: {Rows} rows copied from replica {Source}", shard, _copier.RowsCopied, source);
        return File;
    }
}
