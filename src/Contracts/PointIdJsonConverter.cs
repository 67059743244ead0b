using System.Text.Json;
using System.Text.Json.Serialization;

namespace VectorDb.Contracts;

/// <summary>Ids in JSON keep their kind: a number, or a string that may be a UUID.</summary>
public sealed class PointIdJsonConverter : JsonConverter<PointId>
{
    public override PointId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetUInt64(out var number)
                ? PointId.From(number)
                : throw new ValueOutOfRangeException("a number as id is a whole number from 0 to 18446744073709551615");
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException("an id is a number or a string");
        try
        {
            return PointId.FromText(reader.GetString()!);
        }
        catch (FormatException e)
        {
            throw new ValueOutOfRangeException(e.Message);
        }
        catch (InvalidOperationException)
        {
            throw new ValueOutOfRangeException("An id must be valid Unicode.");
        }
    }

    public override void Write(Utf8JsonWriter writer, PointId value, JsonSerializerOptions options)
    {
        if (value.Kind == PointIdKind.Number)
            writer.WriteNumberValue(value.AsNumber());
        else
            writer.WriteStringValue(value.ToString());
    }
}

/// <summary>JSON of the right form whose value is outside what is allowed: answered with 422, not 400.</summary>
public sealed class ValueOutOfRangeException(string message) : JsonException(message);
