using System.Text.Json;
using System.Text.Json.Serialization;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>How many shards to ask: a number from 1, "all" or "auto". As in the contract: 0 stands for all, -1 for auto.</summary>
[JsonConverter(typeof(ShardsToSearchJsonConverter))]
public readonly record struct ShardsToSearch(int Value);

/// <summary>Reads a number, "all" or "auto".</summary>
public sealed class ShardsToSearchJsonConverter : JsonConverter<ShardsToSearch>
{
    const string Remedy = "give a whole number from 1, \"all\" or \"auto\"";

    public override ShardsToSearch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString() switch
            {
                "all" => new(SearchQuestion.AllShards),
                "auto" => new(SearchQuestion.AutoShards),
                var other => throw new ValueOutOfRangeException($"\"{other}\" is not a choice of shards; {Remedy}"),
            };
        if (reader.TokenType != JsonTokenType.Number)
            throw new ValueOutOfRangeException($"this is not a choice of shards; {Remedy}");
        return reader.TryGetInt32(out var count) && count >= 1
            ? new(count)
            : throw new ValueOutOfRangeException($"this is not a choice of shards; {Remedy}");
    }

    public override void Write(Utf8JsonWriter writer, ShardsToSearch value, JsonSerializerOptions options)
    {
        if (value.Value == SearchQuestion.AllShards)
            writer.WriteStringValue("all");
        else if (value.Value == SearchQuestion.AutoShards)
            writer.WriteStringValue("auto");
        else
            writer.WriteNumberValue(value.Value);
    }
}
