using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>What became of an operation's points, put together from what all shards know.</summary>
public sealed class OperationFate
{
    readonly byte[] _refused;
    readonly IReadOnlyList<RefusedPoints> _reasons;

    public OperationFate(Guid id, int points, DateTimeOffset accepted, IReadOnlyList<OperationDescribed> described)
    {
        (Id, Points, Accepted) = (id, points, accepted);
        var stored = described.Aggregate(Array.Empty<byte>(), (bits, shard) => OrdinalBits.Union(bits, shard.Stored));
        _reasons = [.. described.SelectMany(shard => shard.Refused)];
        // A message that was refused once and delivered again may be stored after all: what is stored is there.
        _refused = OrdinalBits.Except(
            _reasons.Aggregate(Array.Empty<byte>(), (bits, reason) => OrdinalBits.Union(bits, reason.Ordinals)), stored);
        (Stored, Rejected) = (OrdinalBits.Count(stored), OrdinalBits.Count(_refused));
    }

    public Guid Id { get; }

    public int Points { get; }

    public DateTimeOffset Accepted { get; }

    /// <summary>What is not decided yet was in the memory of a process that has ended.</summary>
    public bool MayBeLost { get; init; }

    public int Stored { get; }

    public int Rejected { get; }

    public int Lost => MayBeLost ? Undecided : 0;

    public int Pending => MayBeLost ? 0 : Undecided;

    public bool IsDone => Pending == 0;

    int Undecided => Math.Max(0, Points - Stored - Rejected);

    /// <summary>The refusals after an ordinal, ascending, each with its reason.</summary>
    public IReadOnlyList<(int Ordinal, string Reason)> Refusals(int after, int limit)
    {
        var ordinals = OrdinalBits.Ordinals(_refused).Where(ordinal => ordinal > after).Take(limit).ToList();
        return [.. ordinals.Select(ordinal => (ordinal, _reasons.First(reason => Has(reason.Ordinals, ordinal)).Reason))];
    }

    static bool Has(byte[] bits, int ordinal) => ordinal / 8 < bits.Length && (bits[ordinal / 8] & (1 << (ordinal % 8))) != 0;
}
