using System.Text;
using System.Text.Json;
using VectorDb.Server.Client;

namespace VectorDb.Server.Loading;

/// <summary>Writes the JSON object that becomes a point's payload.</summary>
public static class PayloadText
{
    /// <returns>A JSON object of strings in the order given, or null when there are no members.</returns>
    public static string? FromStrings(IReadOnlyCollection<(string Name, string Value)> members)
    {
        if (members.Count == 0)
            return null;
        return Write(writer =>
        {
            foreach (var (name, value) in members)
                writer.WriteString(name, value);
        });
    }

    /// <returns>A JSON object of the members as they stand, or null when there are none.</returns>
    public static string? FromJson(IReadOnlyCollection<JsonProperty> members)
    {
        if (members.Count == 0)
            return null;
        return Write(writer =>
        {
            foreach (var member in members)
                member.WriteTo(writer);
        });
    }

    static string Write(Action<Utf8JsonWriter> writeMembers)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, ApiJson.WriterOptions))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
