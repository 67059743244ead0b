using System.Text;

namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// Reads comma-separated records (RFC 4180: fields may be quoted, a quoted field may hold delimiters, line ends and
/// doubled quotes), also with LF line ends, another delimiter, and quotes inside unquoted fields taken as they stand.
/// A broken record costs one line: the next call goes on with the line after the one that the record began in, so
/// that one stray quote does not swallow the rest of a file. Not thread-safe.
/// </summary>
public sealed class CsvRecords(ByteWindow window, char delimiter)
{
    /// <summary>Room for a 5 MB field, and an end to the search for the closing quote of a stray one.</summary>
    public const int RecordBytesMax = 16 << 20;

    static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    readonly List<Field> _fields = [];
    readonly byte _delimiter = checked((byte)delimiter);

    /// <summary>
    /// Bytes of the current record with its line end, or 0 when it is broken and only its first line will be skipped.
    /// </summary>
    int _length;

    /// <summary>Line, from 1, in which the current record begins.</summary>
    public long Line { get; private set; }

    /// <summary>Why the current record cannot be used, or null when it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// Where the current record ends, in bytes of the input; of a long broken one, what is known of its first line.
    /// </summary>
    public long End
    {
        get
        {
            var lineFeed = _length > 0 ? _length - 1 : window.Unread.IndexOf((byte)'\n');
            return window.Consumed + (lineFeed < 0 ? window.Unread.Length : lineFeed + 1);
        }
    }

    /// <summary>Number of fields of the current record.</summary>
    public int Count => _fields.Count;

    /// <summary>Moves to the next record that is not an empty line.</summary>
    /// <returns>False at the end of the input.</returns>
    public bool Next()
    {
        if (_length > 0)
            window.Advance(_length);
        else if (Problem is not null)
            window.SkipLine();
        SkipEmptyLines();
        _length = 0;
        _fields.Clear();
        Problem = null;
        Line = window.Line;
        if (window.Unread.IsEmpty)
            return false;
        while (!TryScan(window.Unread))
        {
            if (window.Unread.Length > RecordBytesMax)
                break;
            window.Fill();
        }

        if (Problem is null && (_length == 0 || _length > RecordBytesMax))
            Problem = $"the record is longer than {RecordBytesMax >> 20} MiB, or a quote in it is never closed";
        return true;
    }

    /// <summary>The text of a field of the current record.</summary>
    /// <exception cref="DecoderFallbackException">The bytes are not UTF-8.</exception>
    public string this[int index]
    {
        get
        {
            var text = StrictUtf8.GetString(BytesOf(index));
            return _fields[index].HasDoubledQuotes ? text.Replace("\"\"", "\"", StringComparison.Ordinal) : text;
        }
    }

    /// <summary>The bytes of a field as they stand, doubled quotes included.</summary>
    public ReadOnlySpan<byte> BytesOf(int index) => window.Unread[_fields[index].Begin.._fields[index].End];

    /// <summary>The texts of all fields.</summary>
    /// <exception cref="DecoderFallbackException">The bytes are not UTF-8.</exception>
    public string[] ToArray() => [.. Enumerable.Range(0, Count).Select(index => this[index])];

    void SkipEmptyLines()
    {
        while (!window.Unread.IsEmpty || window.Fill())
        {
            if (window.Unread[0] == '\n')
                window.Advance(1);
            else if (window.Unread is [(byte)'\r', (byte)'\n', ..])
                window.Advance(2);
            else if (window.Unread is not [(byte)'\r'] || !window.Fill())
                return;
        }
    }

    /// <returns>False when the end of the record is not among the bytes and more may come.</returns>
    bool TryScan(ReadOnlySpan<byte> bytes)
    {
        _fields.Clear();
        var position = 0;
        while (Problem is null)
        {
            var quoted = position < bytes.Length && bytes[position] == '"';
            var end = quoted ? ScanQuoted(bytes, position) : ScanPlain(bytes, position);
            if (end < 0)
                return false;
            if (Problem is null && (end == bytes.Length || bytes[end] == '\n'))
            {
                _length = Math.Min(end + 1, bytes.Length);
                return true;
            }

            position = end + 1;
        }

        return true;
    }

    /// <returns>Where the delimiter or line feed after the field is (the length at the end of input), or -1.</returns>
    int ScanPlain(ReadOnlySpan<byte> bytes, int begin)
    {
        var length = bytes[begin..].IndexOfAny(_delimiter, (byte)'\n');
        if (length < 0 && !window.Ended)
            return -1;
        var end = length < 0 ? bytes.Length : begin + length;
        var atLineEnd = end == bytes.Length || bytes[end] == '\n';
        var textEnd = atLineEnd && end > begin && bytes[end - 1] == '\r' ? end - 1 : end;
        _fields.Add(new Field(begin, textEnd, false));
        return end;
    }

    int ScanQuoted(ReadOnlySpan<byte> bytes, int begin)
    {
        var position = begin + 1;
        var doubled = false;
        while (true)
        {
            var length = bytes[position..].IndexOf((byte)'"');
            if (length < 0)
                return window.Ended ? Break("a quote is opened and never closed; is the file cut off?", bytes) : -1;
            position += length;
            if (position + 1 >= bytes.Length || bytes[position + 1] != '"')
                break;
            doubled = true;
            position += 2;
        }

        if (position + 2 >= bytes.Length && !window.Ended)
            return -1;
        _fields.Add(new Field(begin + 1, position, doubled));
        return AfterQuote(bytes, position + 1);
    }

    int AfterQuote(ReadOnlySpan<byte> bytes, int position)
    {
        if (bytes[position..] is [(byte)'\r'] or [(byte)'\r', (byte)'\n', ..])
            position++;
        if (position == bytes.Length || bytes[position] == '\n' || bytes[position] == _delimiter)
            return position;
        return Break(
            $"there is text after the closing quote of field {Count}; a quote inside a field is written twice", bytes);
    }

    int Break(string problem, ReadOnlySpan<byte> bytes)
    {
        Problem = problem;
        return bytes.Length;
    }

    readonly record struct Field(int Begin, int End, bool HasDoubledQuotes);
}
