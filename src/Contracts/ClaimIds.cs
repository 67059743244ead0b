using System.Text.Json.Serialization;
using VectorDb.Contracts.Blocks;

namespace VectorDb.Contracts;

/// <summary>
/// Asks the home of some ids for versions, and tells it where the rows will be. Sent by the router (and by migrations) to the
/// home's directory queue; answered with <see cref="IdsClaimed"/>. Arriving twice: the first answer is given again.
/// </summary>
public sealed record ClaimIds
{
    /// <summary>The home.</summary>
    public required int Shard { get; init; }

    [JsonConverter(typeof(IdClaimBlock))]
    public required IReadOnlyList<IdClaim> Claims { get; init; }
}

/// <summary>One id to claim.</summary>
public sealed record IdClaim
{
    public required Guid OperationId { get; init; }

    public required int Ordinal { get; init; }

    public required byte[] Id { get; init; }

    /// <summary>The shard that will hold the row.</summary>
    public required int Target { get; init; }

    /// <summary>For moves: grant a version only while this is the id's latest; null for any.</summary>
    public long? OnlyIfVersion { get; init; }
}

/// <summary>The home's answer to <see cref="ClaimIds"/>: one grant a claim, in the same order.</summary>
public sealed record IdsClaimed
{
    [JsonConverter(typeof(IdGrantBlock))]
    public required IReadOnlyList<IdGrant> Grants { get; init; }
}

/// <summary>A version for one operation on one id.</summary>
public sealed record IdGrant
{
    /// <summary>0 where the claim was for a version that is not the id's latest any more: nothing is to be done.</summary>
    public required long Version { get; init; }

    /// <summary>The shard to send the row to: the one first claimed, which for a redelivered message may differ from today's.</summary>
    public required int Target { get; init; }

    /// <summary>Shards that may hold older rows, to be evicted once the target has committed.</summary>
    public required int[] OtherPlaces { get; init; }

    /// <summary>The row was replaced and its place is gone: <see cref="Target"/> only tells whoever waits.</summary>
    public bool IsPast { get; init; }
}

/// <summary>
/// A place has evicted its older row of these ids, so the home may forget it. Sent by shards to the home's directory queue.
/// Arriving twice or late: a place claimed again since, at a higher version, stays.
/// </summary>
public sealed record ReleasePlaces
{
    /// <summary>The home.</summary>
    public required int Shard { get; init; }

    public required IReadOnlyList<ReleasedPlace> Places { get; init; }
}

/// <summary>One id that one shard no longer holds below a version.</summary>
public sealed record ReleasedPlace
{
    public required byte[] Id { get; init; }

    /// <summary>The shard that evicted.</summary>
    public required int Place { get; init; }

    /// <summary>Rows below this version are gone from there.</summary>
    public required long Version { get; init; }
}
