using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace VectorDb.Contracts;

/// <summary>What an id is made of. Sorted in this order.</summary>
public enum PointIdKind : byte
{
    Number = 1,
    Uuid = 2,
    String = 3,
}

/// <summary>
/// The id of a point as users see it: an unsigned 64-bit number, a UUID, or a string of 1 to 512 UTF-8 bytes. The number 5 and
/// the string "5" are two ids. Its key (kind byte, then big-endian or UTF-8 bytes) sorts as ids do.
/// </summary>
[JsonConverter(typeof(PointIdJsonConverter))]
public readonly record struct PointId : IComparable<PointId>
{
    readonly ulong _number;
    readonly Guid _uuid;
    readonly string? _text;

    PointId(PointIdKind kind, ulong number = 0, Guid uuid = default, string? text = null) =>
        (Kind, _number, _uuid, _text) = (kind, number, uuid, text);

    public PointIdKind Kind { get; }

    public static PointId From(ulong number) => new(PointIdKind.Number, number: number);

    public static PointId From(Guid uuid) => new(PointIdKind.Uuid, uuid: uuid);

    /// <summary>A string as it stands in JSON: a UUID when written as one (8-4-4-4-12), else text.</summary>
    /// <exception cref="FormatException">Empty, over 512 UTF-8 bytes, or not valid Unicode.</exception>
    public static PointId FromText(string text)
    {
        if (IsUuid(text, out var uuid))
            return From(uuid);
        if (text.Length == 0)
            throw new FormatException("An id must not be empty: give 1 to 512 UTF-8 bytes.");
        int byteCount;
        try
        {
            byteCount = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw new FormatException("An id must be valid Unicode; this one has half of a surrogate pair.");
        }
        return byteCount <= Limits.IdBytesMax
            ? new(PointIdKind.String, text: text)
            : throw new FormatException(
                $"An id has at most {Limits.IdBytesMax} UTF-8 bytes; this one has {byteCount}. Shorten it, or use a hash of it.");
    }

    /// <summary>An id as it stands in a path, where digits mean the number.</summary>
    /// <exception cref="FormatException">Not a valid id.</exception>
    public static PointId FromPath(string text) =>
        TryNumber(text, out var number) ? From(number) : FromText(text);

    /// <summary>The string of these digits, which a path's number may also mean; null for ids that are not numbers.</summary>
    public static PointId? DigitsAsText(string text) =>
        TryNumber(text, out _) ? new PointId(PointIdKind.String, text: text) : null;

    /// <summary>
    /// The framework also takes white space around a UUID, signs and 0x in it: ids that would then not come back as they
    /// went in.
    /// </summary>
    static bool IsUuid(string text, out Guid uuid) =>
        Guid.TryParseExact(text, "D", out uuid) && text.Equals(uuid.ToString("D"), StringComparison.OrdinalIgnoreCase);

    static bool TryNumber(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>The key: sorts byte by byte as ids sort.</summary>
    public byte[] ToKey()
    {
        switch (Kind)
        {
            case PointIdKind.Number:
                var number = new byte[9];
                number[0] = (byte)PointIdKind.Number;
                BinaryPrimitives.WriteUInt64BigEndian(number.AsSpan(1), _number);
                return number;
            case PointIdKind.Uuid:
                var uuid = new byte[17];
                uuid[0] = (byte)PointIdKind.Uuid;
                _uuid.TryWriteBytes(uuid.AsSpan(1), bigEndian: true, out _);
                return uuid;
            case PointIdKind.String:
                var text = new byte[1 + StrictUtf8.GetByteCount(_text!)];
                text[0] = (byte)PointIdKind.String;
                StrictUtf8.GetBytes(_text, text.AsSpan(1));
                return text;
            default:
                throw new InvalidOperationException("This id was never given a value.");
        }
    }

    /// <exception cref="FormatException">The bytes are not a key made by <see cref="ToKey"/>.</exception>
    public static PointId FromKey(ReadOnlySpan<byte> key) => key switch
    {
        [(byte)PointIdKind.Number, ..] when key.Length == 9 => From(BinaryPrimitives.ReadUInt64BigEndian(key[1..])),
        [(byte)PointIdKind.Uuid, ..] when key.Length == 17 => From(new Guid(key[1..], bigEndian: true)),
        [(byte)PointIdKind.String, _, ..] when Utf8.IsValid(key[1..]) =>
            new(PointIdKind.String, text: StrictUtf8.GetString(key[1..])),
        _ => throw new FormatException("These bytes are not the key of an id."),
    };

    /// <summary>The number; only for ids of that kind.</summary>
    public ulong AsNumber() => Kind == PointIdKind.Number
        ? _number
        : throw new InvalidOperationException($"The id {this} is not a number.");

    public int CompareTo(PointId other) => ToKey().AsSpan().SequenceCompareTo(other.ToKey());

    public override string ToString() => Kind switch
    {
        PointIdKind.Number => _number.ToString(CultureInfo.InvariantCulture),
        PointIdKind.Uuid => _uuid.ToString("D"),
        _ => _text ?? "",
    };

    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
