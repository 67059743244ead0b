using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// One JSON object a line: <c>id</c>, <c>text</c> or <c>vector</c>, and <c>payload</c>, or the properties that the
/// user names. Whether the id is a property or the row number is decided by the first object, so that the two cannot
/// mix.
/// </summary>
public sealed class JsonLines(ByteWindow window, RowFormatOptions options) : IRowReader
{
    const int LineBytesMax = CsvRecords.RecordBytesMax;

    readonly string _idName = options.IdColumn ?? "id";
    readonly string _vectorName = options.VectorColumn ?? "vector";
    readonly IReadOnlyList<string> _textNames = options.TextColumns.Count > 0 ? options.TextColumns : ["text"];
    readonly string[] _payloadNames = options.PayloadColumns?.Split(',', StringSplitOptions.TrimEntries) ?? [];
    bool? _hasIds = options.IdColumn is null ? null : true;

    public string Description =>
        $"JSON lines: text is '{string.Join("' + '", _textNames)}', vector is '{_vectorName}', "
        + $"id is '{_idName}'{(options.IdColumn is null ? " (the row number where there is none)" : "")}, "
        + $"payload is {options.PayloadColumns ?? "'payload'"}";

    public IEnumerable<LoadedRow> ReadRows()
    {
        for (long number = 0, consumed = 0; TryFindLine(out var length, out var tooLong); number++)
        {
            var line = window.Line;
            var json = tooLong ? [] : window.Unread[..length].ToArray();
            window.SkipLine();
            var read = window.Consumed - consumed;
            consumed = window.Consumed;
            yield return tooLong
                ? LoadedRow.Bad(number, line, read, $"the line is longer than {LineBytesMax >> 20} MiB")
                : ToRow(json, number, line, read);
        }
    }

    public void Dispose() => window.Dispose();

    /// <summary>Skips blank lines and finds the end of the next one.</summary>
    bool TryFindLine(out int length, out bool tooLong)
    {
        tooLong = false;
        while (true)
        {
            length = window.Unread.IndexOf((byte)'\n');
            if (length < 0 && !window.Ended)
            {
                tooLong = window.Unread.Length > LineBytesMax;
                if (tooLong)
                    return true;
                window.Fill();
                continue;
            }

            if (length < 0)
                length = window.Unread.Length;
            tooLong = length > LineBytesMax;
            if (window.Unread[..length].ContainsAnyExcept(" \t\r"u8))
                return true;
            if (length == window.Unread.Length)
                return false;
            window.Advance(length + 1);
        }
    }

    LoadedRow ToRow(ReadOnlyMemory<byte> json, long number, long line, long bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? LoadedRow.Check(number, line, bytes, ToPoint(document.RootElement, number))
                : LoadedRow.Bad(number, line, bytes, $"it is a JSON {NameOf(document.RootElement)}, not an object");
        }
        catch (JsonException broken)
        {
            return LoadedRow.Bad(number, line, bytes, $"it is not valid JSON at byte {broken.BytePositionInLine}");
        }
        catch (FormatException wrong)
        {
            return LoadedRow.Bad(number, line, bytes, wrong.Message);
        }
        catch (InvalidOperationException)
        {
            // What JsonElement throws for a string with broken UTF-8 or half a surrogate pair.
            return LoadedRow.Bad(number, line, bytes, "a string in it is not valid Unicode");
        }
    }

    PointInput ToPoint(JsonElement row, long number)
    {
        var ignoresVectors = options.TextColumns.Count > 0 && options.VectorColumn is null;
        var vector = !ignoresVectors && TryGet(row, _vectorName, out var numbers) ? VectorOf(numbers) : null;
        var text = TextOf(row);
        if (vector is null && text is null)
            throw new FormatException($"it has neither '{string.Join("', '", _textNames)}' nor '{_vectorName}'; "
                + "name them with --text-column or --vector-column");
        return new PointInput { Id = IdOf(row, number), Text = text, Vector = vector, Payload = PayloadOf(row) };
    }

    PointId IdOf(JsonElement row, long number)
    {
        var exists = TryGet(row, _idName, out var value);
        _hasIds ??= exists;
        if (_hasIds == false)
            return PointId.From((ulong)number);
        if (!exists)
            throw new FormatException($"it has no '{_idName}'");
        return value.ValueKind == JsonValueKind.String ? PointId.FromText(value.GetString()!)
            : value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var whole) ? PointId.From(whole)
            : throw new FormatException(
                $"its id is {Columns.Shortened(value.GetRawText())}; "
                + $"an id is a string or a whole number from 0 to {ulong.MaxValue}");
    }

    string? TextOf(JsonElement row)
    {
        var parts = new List<string>();
        foreach (var name in _textNames)
        {
            if (TryGet(row, name, out var value))
                parts.Add(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        }

        return parts.Count > 0 ? string.Join(' ', parts) : null;
    }

    JsonElement? PayloadOf(JsonElement row) => options.PayloadColumns switch
    {
        "none" => null,
        null => TryGet(row, "payload", out var payload) ? Checked(payload).Clone() : null,
        "all" => Pick(row, name => !IsSource(name)),
        _ => Pick(row, name => _payloadNames.Contains(name)),
    };

    static JsonElement? Pick(JsonElement row, Func<string, bool> isWanted)
    {
        var members = row.EnumerateObject().Where(member => isWanted(member.Name)).ToList();
        return members.Count == 0
            ? null
            : JsonSerializer.SerializeToElement(members.ToDictionary(member => member.Name, member => Checked(member.Value)));
    }

    /// <summary>Reads every string once, because a broken one would only fail when the request is written.</summary>
    /// <exception cref="InvalidOperationException">A string is not valid Unicode.</exception>
    static JsonElement Checked(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            value.GetString();
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                Checked(item);
        else if (value.ValueKind == JsonValueKind.Object)
            foreach (var member in value.EnumerateObject())
                Checked(member.Value);
        return value;
    }

    /// <summary>A property that is null counts as none.</summary>
    static bool TryGet(JsonElement row, string name, out JsonElement value) =>
        row.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    bool IsSource(string name) => name == _idName || name == _vectorName || _textNames.Contains(name);

    static string NameOf(JsonElement value) => value.ValueKind.ToString().ToLowerInvariant();

    static float[] VectorOf(JsonElement numbers)
    {
        if (numbers.ValueKind != JsonValueKind.Array)
            throw new FormatException("its vector is not an array of numbers");
        var vector = new float[numbers.GetArrayLength()];
        var index = 0;
        foreach (var number in numbers.EnumerateArray())
        {
            if (number.ValueKind != JsonValueKind.Number || !number.TryGetSingle(out vector[index]))
                throw new FormatException($"number {index} of the vector is {Columns.Shortened(number.GetRawText())}");
            index++;
        }

        return vector;
    }
}
