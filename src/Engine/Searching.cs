using VectorDb.Engine.Index;

namespace VectorDb.Engine;

/// <summary>One nearest-neighbour question to a shard.</summary>
public readonly record struct SearchQuery
{
    /// <summary>float32, length = dimensions of the collection; any norm (cosine normalises it).</summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>How many hits at most, 1 to 10,000.</summary>
    public required int TopK { get; init; }

    public bool WithPayload { get; init; }

    public bool WithVector { get; init; }

    /// <summary>Scan every row instead of asking an approximate index.</summary>
    public bool Exact { get; init; }

    /// <summary>Only these slots may be found; null for all. The seam for filters: slots are the engine's own business.</summary>
    internal LiveSlots? Among { get; init; }
}

/// <summary>One answer row, best first within its query; equal scores are ordered by key.</summary>
/// <param name="Key">The id.</param>
/// <param name="Version">Version of the row that was scored.</param>
/// <param name="Score">Cosine, product, or distance (Euclid: lower is nearer).</param>
/// <param name="Payload">JSON, when asked for and present.</param>
/// <param name="Text">The stored text, when the payload was asked for and a text is present.</param>
/// <param name="Vector">When asked for.</param>
public sealed record SearchHit(
    PointKey Key, long Version, float Score, string? Payload = null, string? Text = null, float[]? Vector = null);
