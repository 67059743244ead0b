namespace VectorDb.Engine;

/// <summary>What a full check of a shard found.</summary>
/// <param name="RowsChecked">Live rows whose vector, contents and place in the index were compared.</param>
/// <param name="DirectoryEntriesChecked">Directory entries, deleted ones included.</param>
/// <param name="Problems">One sentence each, at most 100; empty when the shard is sound.</param>
public sealed record ShardReport(long RowsChecked, long DirectoryEntriesChecked, IReadOnlyList<string> Problems)
{
    public bool IsSound => Problems.Count == 0;
}
