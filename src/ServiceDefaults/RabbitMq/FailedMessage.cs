using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>A message of an error queue as a person reads it.</summary>
public sealed record FailedMessage
{
    /// <summary>The message's own id; where it has none, the beginning of its body's checksum.</summary>
    public required string Id { get; init; }

    /// <summary>The contract's name, such as UpsertPoints; null where the body is not one of our messages.</summary>
    public string? Type { get; init; }

    /// <summary>When it was sent for the first time.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>When it was put aside.</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>What was thrown, or why the broker put it aside.</summary>
    public string? Reason { get; init; }

    /// <summary>What is in it, in a few words.</summary>
    public string? Summary { get; init; }

    public required int Bytes { get; init; }

    /// <summary>`properties` and `body` as the broker gave them. Never throws: a body may be anything.</summary>
    public static FailedMessage Read(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        var headers = properties.Headers ?? new Dictionary<string, object?>();
        using var envelope = Parse(body);
        return new()
        {
            Id = properties.MessageId is { Length: > 0 } id ? id : Convert.ToHexStringLower(SHA256.HashData(body.Span))[..16],
            Type = TypeOf(envelope),
            SentAt = Time(Find(envelope, "sentTime")?.ToString()),
            FailedAt = Time(Text(headers, "MT-Fault-Timestamp")) ?? DeathTime(headers),
            Reason = Fault(headers) ?? Death(headers) ?? Text(headers, "MT-Reason"),
            Summary = SummaryOf(Find(envelope, "message")),
            Bytes = body.Length,
        };
    }

    static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static JsonElement? Find(JsonDocument? envelope, string name) =>
        envelope?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(name, out var value) ? value : null;

    static string? TypeOf(JsonDocument? envelope) =>
        Find(envelope, "messageType") is { ValueKind: JsonValueKind.Array } types && types.GetArrayLength() > 0
            ? types[0].ToString().Split(':')[^1]
            : null;

    /// <summary>Numbers and short texts as they are, of lists the length.</summary>
    static string? SummaryOf(JsonElement? message)
    {
        if (message is not { ValueKind: JsonValueKind.Object } body)
            return null;
        var parts = body.EnumerateObject().Select(property => property.Value.ValueKind switch
        {
            JsonValueKind.Array => $"{property.Value.GetArrayLength()} {property.Name}",
            JsonValueKind.Number => $"{property.Name} {property.Value}",
            JsonValueKind.String when property.Value.GetString() is { Length: <= 40 } text => $"{property.Name} {text}",
            _ => null,
        });
        return string.Join(", ", parts.Where(part => part is not null));
    }

    static string? Fault(IDictionary<string, object?> headers) => Text(headers, "MT-Fault-Message") is { } message
        ? $"{Text(headers, "MT-Fault-ExceptionType")?.Split('.')[^1]}: {message}"
        : null;

    static string? Death(IDictionary<string, object?> headers) => FirstDeath(headers) is { } death
        ? Text(death, "reason") switch
        {
            "expired" => "It waited longer than a message may: nobody read its queue.",
            "delivery_limit" => "It was delivered again and again without an answer: it kills who reads it, or its reader kept dying.",
            var other => $"The broker put it aside: {other}.",
        }
        : null;

    static DateTimeOffset? DeathTime(IDictionary<string, object?> headers) =>
        FirstDeath(headers) is { } death && death.TryGetValue("time", out var time) && time is AmqpTimestamp stamp
            ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime)
            : null;

    static IDictionary<string, object?>? FirstDeath(IDictionary<string, object?> headers) =>
        headers.TryGetValue("x-death", out var deaths) && deaths is IList<object> { Count: > 0 } list
            ? list[0] as IDictionary<string, object?>
            : null;

    static string? Text(IDictionary<string, object?> headers, string name) => headers.TryGetValue(name, out var value)
        ? value switch
        {
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            AmqpTimestamp stamp => DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime).ToString("O", CultureInfo.InvariantCulture),
            _ => value?.ToString(),
        }
        : null;

    static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
