using System.Collections.Concurrent;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>
/// Which replicas of each shard must confirm a write: the latest set of members that anybody has named, in an announcement or in a
/// confirmation. A replica that has joined is named in every confirmation since, so no write is taken for complete without it; one that
/// was dropped is left out as soon as that is heard. Thread-safe.
/// </summary>
public sealed class ReplicaRoster
{
    readonly ConcurrentDictionary<int, ReplicaMembers> _members = new();

    /// <summary>Returns whether this was news.</summary>
    public bool Note(int shard, ReplicaMembers? members)
    {
        if (members is null)
            return false;
        var isNews = true;
        _members.AddOrUpdate(
            shard, members, (_, known) => (isNews = members.Since.IsAfter(known.Since)) ? members : known);
        return isNews;
    }

    /// <summary>Whether these replicas (a bit each) are enough: any where the shard has one only.</summary>
    public bool IsEnough(int shard, uint confirmed) => confirmed != 0
        && (!_members.TryGetValue(shard, out var members) || members.Replicas.All(replica => (confirmed & (1u << replica)) != 0));
}
