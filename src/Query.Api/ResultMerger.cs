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
        var hits = parts.SelectMany(part => part.Answer.Hits.Select(hit => new MergedHit(part.Shard, hit))).ToList();
        if (parts.Count > 1)
            hits = [.. hits.GroupBy(hit => hit.Point.Id, ByteKey.Comparer).Select(same => same.MaxBy(hit => hit.Point.Version))];
        hits.Sort((left, right) =>
        {
            var byScore = left.Point.Score.CompareTo(right.Point.Score);
            if (byScore != 0)
                return lowerIsNearer ? byScore : -byScore;
            return left.Point.Id.AsSpan().SequenceCompareTo(right.Point.Id);
        });
        if (hits.Count > topK)
            hits.RemoveRange(topK, hits.Count - topK);
        return hits;
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
