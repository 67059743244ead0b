using VectorDb.Engine;

namespace VectorDb.Cluster.Tests.Replicas;

/// <summary>What a closed file of a shard says, as lines that are the same for replicas that are the same.</summary>
static class ReplicaFiles
{
    const int All = 1_000_000;

    public static List<string> Describe(string folder, int number)
    {
        using var shard = Shard.Open(new() { Path = Path.Combine(folder, $"shard_{number}.sqlite3"), Number = number });
        var copy = shard.Copy;
        return
        [
            .. copy.Rows(null, All, int.MaxValue).Rows.Select(
                row => $"row {row.Key} {row.Version} {row.Epoch} {string.Join(' ', row.Vector)} {row.Payload} {row.Text}"),
            .. copy.Tombstones(null, All).Select(tombstone => $"tombstone {tombstone.Key} {tombstone.Version}"),
            .. copy.Entries(null, All).Select(
                entry => $"entry {entry.Key} {entry.Version} {entry.Deleted} {string.Join(' ', entry.Places)}"),
            .. copy.Claims(null, All).Select(claim => $"{claim}"),
            .. Outcomes(copy),
            .. copy.Documents().Where(document => !document.Name.StartsWith("replica/", StringComparison.Ordinal))
                .Select(document => $"document {document.Name} {Convert.ToHexString(document.Bytes)}"),
            $"counter {copy.Version}, {shard.Stats.DirectoryEntries} entries, {shard.Stats.Points} points",
            .. shard.Validate().Problems,
        ];
    }

    /// <summary>What is delivered twice is recorded twice, and told once.</summary>
    static IEnumerable<string> Outcomes(ShardCopy copy) => copy.Outcomes(0, All).Outcomes
        .SelectMany(outcome => outcome.Ordinals.Select(ordinal => $"outcome {outcome.Operation} {ordinal} {outcome.Refusal ?? "stored"}"))
        .Distinct().Order(StringComparer.Ordinal);
}
