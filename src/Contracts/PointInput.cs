using System.Text.Json;

namespace VectorDb.Contracts;

/// <summary>A point as a request gives it: an id, and a vector or a text to embed.</summary>
public sealed record PointInput
{
    /// <summary>A number, a UUID or a string of 1 to 512 UTF-8 bytes.</summary>
    public required PointId Id { get; init; }

    /// <summary>Finite float32 numbers, as many as the collection has dimensions.</summary>
    public float[]? Vector { get; init; }

    /// <summary>Embedded when there is no vector; stored in either case.</summary>
    public string? Text { get; init; }

    /// <summary>A JSON object, kept and given back as it is.</summary>
    public JsonElement? Payload { get; init; }
}
