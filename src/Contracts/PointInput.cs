using System.Text;
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

    /// <summary>
    /// What is wrong with the point whatever collection it goes to: a sentence that says what to do; null when nothing is.
    /// </summary>
    public string? Problem()
    {
        if (Vector is null && Text is null)
            return "has neither vector nor text; give one of them";
        if (Text is not null && Encoding.UTF8.GetByteCount(Text) is var textBytes and > Limits.TextBytesMax)
            return $"has a text of {textBytes} bytes; at most {Limits.TextBytesMax} are stored, so cut it into several points";
        if (Payload is { } payload && PayloadProblem(payload) is { } problem)
            return problem;
        return Vector is null ? null : VectorChecks.Problem(Vector);
    }

    /// <summary>The payload as compact JSON; null where there is none.</summary>
    public string? PayloadJson() => Payload is { ValueKind: JsonValueKind.Object } payload
        ? JsonSerializer.Serialize(payload, PlainJson)
        : null;

    string? PayloadProblem(JsonElement payload)
    {
        if (payload.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return null;
        if (payload.ValueKind != JsonValueKind.Object)
            return $"has a payload that is a {payload.ValueKind.ToString().ToLowerInvariant()}; give a JSON object";
        var bytes = Encoding.UTF8.GetByteCount(PayloadJson()!);
        return bytes <= Limits.PayloadBytesMax
            ? null
            : $"has a payload of {bytes} bytes; at most {Limits.PayloadBytesMax} are stored";
    }

    static readonly JsonSerializerOptions PlainJson = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
