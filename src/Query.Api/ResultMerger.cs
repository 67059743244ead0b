using System.Runtime.InteropServices;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>Merges the shards' parts of one search. Pure.</summary>
public static class ResultMerger
{
    /// <summary>
    /// The `topK` best of all parts, best first, equal scores by id. Where two shards have the same id (a point on its way from
    /// one to the other) the higher version counts, whatever the scores.
    /// </summary>
    public static IReadOnlyList<MergedHit> Merge(
        IReadOnlyCollection<(int Shard, ShardAnswer Answer)> parts, int topK, bool lowerIsNearer)
    {
        var newest = NewestVersions(parts);
        var (lists, next) = (parts.ToArray(), new int[parts.Count]);
        var merged = new List<MergedHit>(Math.Min(topK, newest.Count));
        while (merged.Count < topK && Best(lists, next, lowerIsNearer) is var best and >= 0)
        {
            var (shard, answer) = lists[best];
            var hit = answer.Hits[next[best]++];
            // Taken out, so that an id which two shards have at the same version is there once.
            if (newest.TryGetValue(hit.Id, out var version) && version == hit.Version && newest.Remove(hit.Id))
                merged.Add(new(shard, hit));
        }
        return merged;
    }

    static Dictionary<byte[], long> NewestVersions(IReadOnlyCollection<(int Shard, ShardAnswer Answer)> parts)
    {
        var newest = new Dictionary<byte[], long>(parts.Sum(part => part.Answer.Hits.Count), ByteKey.Comparer);
        foreach (var (_, answer) in parts)
            foreach (var hit in answer.Hits)
            {
                ref var version = ref CollectionsMarshal.GetValueRefOrAddDefault(newest, hit.Id, out _);
                version = Math.Max(version, hit.Version);
            }
        return newest;
    }

    /// <summary>The list whose next hit is the best; -1 when all are at their ends.</summary>
    static int Best((int Shard, ShardAnswer Answer)[] lists, int[] next, bool lowerIsNearer)
    {
        var (best, nearest) = (-1, default(FoundPoint));
        for (var i = 0; i < lists.Length; i++)
        {
            if (next[i] == lists[i].Answer.Hits.Count)
                continue;
            var hit = lists[i].Answer.Hits[next[i]];
            if (nearest is null || IsBefore(hit, nearest, lowerIsNearer))
                (best, nearest) = (i, hit);
        }
        return best;
    }

    static bool IsBefore(FoundPoint left, FoundPoint right, bool lowerIsNearer)
    {
        var byScore = left.Score.CompareTo(right.Score);
        return byScore == 0 ? left.Id.AsSpan().SequenceCompareTo(right.Id) < 0 : byScore < 0 == lowerIsNearer;
    }

    sealed class ByteKey : IEqualityComparer<byte[]>
    {
        public static ByteKey Comparer { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj)
        {
            var hash = new HashCode();
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }
}

/// <summary>A found point and the shard that found it.</summary>
public readonly record struct MergedHit(int Shard, FoundPoint Point);
