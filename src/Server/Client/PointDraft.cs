using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.Server.Client;

/// <summary>A point that is about to be sent to the server: an id with either a text or a vector.</summary>
public sealed record PointDraft(PointId Id)
{
    public string? Text { get; init; }

    /// <summary>float32, any length and norm: the server knows the size of the collection.</summary>
    public float[]? Vector { get; init; }

    /// <summary>JSON text, or null for none.</summary>
    public string? Payload { get; init; }

    /// <summary>About how many bytes the point takes in a request.</summary>
    public int ApproximateBytes =>
        100 + (Text?.Length ?? 0) + (Vector?.Length ?? 0) * 12 + (Payload?.Length ?? 0);

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("id");
        JsonSerializer.Serialize(writer, Id, ApiJson.Options);
        if (Text is not null)
            writer.WriteString("text", Text);
        if (Vector is not null)
        {
            writer.WritePropertyName("vector");
            WriteVector(writer, Vector);
        }

        if (Payload is not null)
        {
            writer.WritePropertyName("payload");
            writer.WriteRawValue(Payload);
        }

        writer.WriteEndObject();
    }

    public static void WriteVector(Utf8JsonWriter writer, float[] vector)
    {
        writer.WriteStartArray();
        foreach (var value in vector)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }
}
