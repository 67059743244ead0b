namespace VectorDb.ShardWorker.Checking;

/// <summary>What a check of data folders found.</summary>
public sealed record CheckReport
{
    /// <summary>The shards that were there to be checked, in order.</summary>
    public required IReadOnlyList<int> Shards { get; init; }

    public required long Rows { get; init; }

    /// <summary>Directory entries, deleted ones included.</summary>
    public required long DirectoryEntries { get; init; }

    /// <summary>One sentence each, the first <see cref="Findings.ShownMax"/> of them.</summary>
    public required IReadOnlyList<string> Damage { get; init; }

    public required long DamageCount { get; init; }

    /// <summary>Of <see cref="DamageCount"/>: what a repair cannot put right.</summary>
    public required long BeyondRepair { get; init; }

    /// <summary>What is no damage but worth knowing: operations that are finished at the next start, for instance.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What a repair would do, in the order in which it has to be done.</summary>
    internal IReadOnlyList<Repair> Repairs { get; init; } = [];

    public bool IsClean => DamageCount == 0;
}

/// <summary>One change of one shard's file that puts damage right. Done twice, it changes nothing the second time.</summary>
sealed record Repair(int Shard, string Does, Action<Engine.ShardTransaction> Run);
