using System.Text;
using System.Text.Json;

namespace VectorDb.Contracts;

/// <summary>What can be wrong with a point that somebody sent.</summary>
public static class PointChecks
{
    /// <summary>
    /// What is wrong with the point whatever collection it goes to: a sentence that says what to do; null when nothing is.
    /// </summary>
    public static string? Problem(this PointInput point)
    {
        if (point.Vector is null && point.Text is null)
            return "has neither vector nor text; give one of them";
        if (point.Text is not null && Encoding.UTF8.GetByteCount(point.Text) is var textBytes and > Limits.TextBytesMax)
            return $"has a text of {textBytes} bytes; at most {Limits.TextBytesMax} are stored, so cut it into several points";
        if (point.Payload is { } payload && PayloadProblem(point, payload) is { } problem)
            return problem;
        return point.Vector is null ? null : VectorChecks.Problem(point.Vector);
    }

    /// <summary>The payload as compact JSON; null where there is none.</summary>
    public static string? PayloadJson(this PointInput point) => point.Payload is { ValueKind: JsonValueKind.Object } payload
        ? JsonSerializer.Serialize(payload, PlainJson)
        : null;

    static string? PayloadProblem(PointInput point, JsonElement payload)
    {
        if (payload.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return null;
        if (payload.ValueKind != JsonValueKind.Object)
            return $"has a payload that is a {payload.ValueKind.ToString().ToLowerInvariant()}; give a JSON object";
        var bytes = Encoding.UTF8.GetByteCount(point.PayloadJson()!);
        return bytes <= Limits.PayloadBytesMax
            ? null
            : $"has a payload of {bytes} bytes; at most {Limits.PayloadBytesMax} are stored";
    }

    static readonly JsonSerializerOptions PlainJson = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
