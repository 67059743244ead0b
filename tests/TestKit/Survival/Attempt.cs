namespace VectorDb.TestKit.Survival;

/// <summary>One store or delete that somebody sent. Its number travels in the payload, so that a row tells who wrote it.</summary>
/// <param name="Number">Given once.</param>
/// <param name="Vector">Length 1; null for a delete.</param>
/// <param name="Shard">Where the row must be; null where two shards are about as near.</param>
public sealed record Attempt(int Number, float[]? Vector, int? Shard)
{
    /// <summary>From the answer; null while there is none, and for ever when the server died before it.</summary>
    public long? Version { get; set; }

    public bool IsDelete => Vector is null;
}

/// <summary>A row as a server showed it.</summary>
public sealed record Row(string Key, int Attempt, float[] Vector, int Shard, long Version);

/// <summary>The newest state that was acknowledged before some moment: nothing older may be seen after it.</summary>
/// <param name="Version">0 where nothing was acknowledged.</param>
/// <param name="IsGone">That state is: there is no such point.</param>
public readonly record struct Floor(long Version, bool IsGone);
