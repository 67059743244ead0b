using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.Server.Client;

namespace VectorDb.Server.Loading;

/// <summary>
/// One JSON object a line: <c>id</c>, <c>text</c> or <c>vector</c>, and <c>payload</c>, or the properties that the user names.
/// Whether the id is a property or the row number is decided by the first object, so that the two cannot mix.
/// </summary>
public sealed class JsonLines(ByteWindow window, RowFormatOptions options) : IRowReader
{
    const int LineBytesMax = CsvRecords.RecordBytesMax;

    readonly string _idName = options.IdColumn ?? "id";
    readonly string _vectorName = options.VectorColumn ?? "vector";
    readonly IReadOnlyList<string> _textNames = options.TextColumns.Count > 0 ? options.TextColumns : ["text"];
    bool? _hasIds = options.IdColumn is null ? null : true;

    public string Description =>
        $"JSON lines: text is '{string.Join("' + '", _textNames)}' or vector is '{_vectorName}', "
        + $"id is '{_idName}'{(options.IdColumn is null ? " (the row number where there is none)" : "")}, "
        + $"payload is {options.PayloadColumns ?? "'payload'"}";

    public IEnumerable<LoadedRow> ReadRows()
    {
        for (long number = 0, consumed = window.Consumed; TryFindLine(out var length, out var tooLong); number++)
        {
            var line = window.Line;
            var (point, problem) = tooLong
                ? (null, $"the line is longer than {LineBytesMax >> 20} MiB")
                : Parse(window.Unread[..length].ToArray(), number);
            window.SkipLine();
            yield return new LoadedRow(number, line, window.Consumed - consumed, point, problem);
            consumed = window.Consumed;
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
            if (window.Unread[..length].ContainsAnyExcept(" \t\r"u8))
                return true;
            if (length == window.Unread.Length)
                return false;
            window.Advance(length + 1);
        }
    }

    (PointDraft? Point, string? Problem) Parse(ReadOnlyMemory<byte> line, long number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, $"it is a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}, not an object");
            var point = ToPoint(document.RootElement, number);
            var problem = PointCheck.FindProblem(point);
            return problem is null ? (point, null) : (null, problem);
        }
        catch (JsonException broken)
        {
            return (null, $"it is not valid JSON at byte {broken.BytePositionInLine}");
        }
        catch (FormatException wrong)
        {
            return (null, wrong.Message);
        }
        catch (InvalidOperationException)
        {
            // What JsonElement throws for a string with broken UTF-8 or half a surrogate pair.
            return (null, "a string in it is not valid Unicode");
        }
    }

    PointDraft ToPoint(JsonElement row, long number)
    {
        var vector = row.TryGetProperty(_vectorName, out var numbers) && numbers.ValueKind != JsonValueKind.Null
            && options.TextColumns.Count == 0 ? VectorOf(numbers) : null;
        return new PointDraft(IdOf(row, number))
        {
            Text = vector is null ? TextOf(row) : null,
            Vector = vector,
            Payload = PayloadOf(row),
        };
    }

    PointId IdOf(JsonElement row, long number)
    {
        var exists = row.TryGetProperty(_idName, out var value) && value.ValueKind != JsonValueKind.Null;
        _hasIds ??= exists;
        if (_hasIds == false)
            return PointId.From((ulong)number);
        if (!exists)
            throw new FormatException($"it has no '{_idName}'");
        return value.ValueKind == JsonValueKind.String ? PointId.FromText(value.GetString()!)
            : value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var whole) ? PointId.From(whole)
            : throw new FormatException(
                $"its id is {Columns.Shortened(value.GetRawText())}; an id is a string or a whole number from 0 to {ulong.MaxValue}");
    }

    string TextOf(JsonElement row)
    {
        var parts = new List<string>();
        foreach (var name in _textNames)
        {
            if (row.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                parts.Add(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        }

        return parts.Count > 0 ? string.Join(' ', parts) : throw new FormatException(
            $"it has neither '{string.Join("', '", _textNames)}' nor '{_vectorName}'; name them with --text-column or --vector-column");
    }

    string? PayloadOf(JsonElement row) => options.PayloadColumns switch
    {
        "none" => null,
        null => row.TryGetProperty("payload", out var payload) && payload.ValueKind != JsonValueKind.Null ? payload.GetRawText() : null,
        "all" => PayloadText.FromJson([.. row.EnumerateObject().Where(member => !IsSource(member.Name))]),
        var names => PayloadText.FromJson([.. row.EnumerateObject().Where(member => names.Split(',', StringSplitOptions.TrimEntries).Contains(member.Name))]),
    };

    bool IsSource(string name) => name == _idName || name == _vectorName || _textNames.Contains(name);

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
