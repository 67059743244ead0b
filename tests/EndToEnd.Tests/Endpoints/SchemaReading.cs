using System.Text.Json;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>As much of JSON Schema as OpenAPI documents of .NET use: references, types, properties, items, alternatives.</summary>
sealed class SchemaReading(JsonElement document)
{
    /// <summary>Fails with the place where the value is not what the schema says; unknown properties do not fit either.</summary>
    public void AssertFits(JsonElement value, JsonElement schema, string place)
    {
        if (Problem(value, schema, place) is { } problem)
            Assert.Fail(problem);
    }

    string? Problem(JsonElement value, JsonElement schema, string place)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Problem(value, Resolve(reference.GetString()!), place);
        foreach (var alternatives in new[] { "oneOf", "anyOf" })
            if (schema.TryGetProperty(alternatives, out var choices))
            {
                var problems = choices.EnumerateArray().Select(choice => Problem(value, choice, place)).ToList();
                return problems.Contains(null) ? null : string.Join(" / ", problems);
            }
        if (!HasType(value, schema))
            return $"{place} is {value.ValueKind}, and the document says {schema.GetProperty("type")}: {value.GetRawText()}";
        return value.ValueKind switch
        {
            JsonValueKind.Object => ObjectProblem(value, schema, place),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) => value.EnumerateArray()
                .Select((item, i) => Problem(item, items, $"{place}[{i}]")).FirstOrDefault(problem => problem is not null),
            _ => null,
        };
    }

    string? ObjectProblem(JsonElement value, JsonElement schema, string place)
    {
        if (!schema.TryGetProperty("properties", out var properties))
            return schema.TryGetProperty("additionalProperties", out var any) && any.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().Select(p => Problem(p.Value, any, $"{place}.{p.Name}")).FirstOrDefault(p => p is not null)
                : null;
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray().Select(name => name.GetString()!))
                if (!value.TryGetProperty(name, out _))
                    return $"{place}.{name} is required and missing";
        foreach (var property in value.EnumerateObject())
        {
            if (!properties.TryGetProperty(property.Name, out var expected))
                return $"{place}.{property.Name} is not in the document";
            if (Problem(property.Value, expected, $"{place}.{property.Name}") is { } problem)
                return problem;
        }
        return null;
    }

    static bool HasType(JsonElement value, JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
            return true;
        var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()).ToList() : [type.GetString()];
        return value.ValueKind switch
        {
            JsonValueKind.Object => types.Contains("object"),
            JsonValueKind.Array => types.Contains("array"),
            JsonValueKind.String => types.Contains("string"),
            JsonValueKind.Number => types.Contains("number")
                || (types.Contains("integer") && value.TryGetDecimal(out var number) && number == decimal.Truncate(number)),
            JsonValueKind.Null => types.Contains("null"),
            _ => types.Contains("boolean"),
        };
    }

    JsonElement Resolve(string reference)
    {
        var place = document;
        foreach (var part in reference.TrimStart('#', '/').Split('/'))
            place = place.GetProperty(part.Replace("~1", "/", StringComparison.Ordinal));
        return place;
    }
}
