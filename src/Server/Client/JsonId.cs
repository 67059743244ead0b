using System.Globalization;
using System.Text.Json;

namespace VectorDb.Server.Client;

/// <summary>
/// The id of a point as JSON text, so that its kind is kept: <c>5</c> is a number and <c>"5"</c> a string.
/// UUIDs are strings in lower case, as the server answers them. Not checked for length: see PointCheck.
/// </summary>
/// <param name="Json">A JSON number without sign, or a JSON string in its shortest form.</param>
public readonly record struct JsonId(string Json)
{
    public static JsonId Of(ulong number) => new(number.ToString(CultureInfo.InvariantCulture));

    public static JsonId Of(string text) => new(JsonSerializer.Serialize(
        Guid.TryParseExact(text, "D", out var uuid) ? uuid.ToString("D") : text, ApiJson.Options));

    /// <summary>
    /// The id that a text without kinds means (a CSV field, a word on the command line): digits without leading
    /// zeros that fit 64 bits are a number, everything else a string.
    /// </summary>
    public static JsonId FromPlainText(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && (text.Length == 1 || text[0] != '0')
            ? Of(number)
            : Of(text);

    /// <returns>False for what cannot be an id: a negative or broken number, an object, null.</returns>
    public static bool TryFrom(JsonElement element, out JsonId id)
    {
        id = default;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetUInt64(out var number))
            id = Of(number);
        else if (element.ValueKind == JsonValueKind.String)
            id = Of(element.GetString()!);
        return id.Json is not null;
    }

    public bool IsNumber => Json[0] != '"';

    /// <summary>The id without the quotes of a string.</summary>
    public override string ToString() => IsNumber ? Json : JsonSerializer.Deserialize<string>(Json)!;
}
