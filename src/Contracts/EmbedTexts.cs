namespace VectorDb.Contracts;

/// <summary>Embeds texts. Sent by Query.Api to the router; answered with <see cref="TextsEmbedded"/>. Changes nothing.</summary>
public sealed record EmbedTexts
{
    public required IReadOnlyList<string> Texts { get; init; }
}

/// <summary>Vectors in the order of the texts.</summary>
public sealed record TextsEmbedded
{
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model file, which a collection records with the model.</summary>
    public string? ModelChecksum { get; init; }

    /// <summary>Each float32 little-endian, L2 norm 1.</summary>
    public required IReadOnlyList<byte[]> Vectors { get; init; }

    /// <summary>What the model read of each text, special tokens included, after cutting.</summary>
    public required int[] TokenCounts { get; init; }
}
