namespace VectorDb.Engine;

/// <summary>
/// The bytes that name a point inside a shard: opaque here, compared and sorted byte by byte (memcmp).
/// Not the id that users see: callers encode theirs so that byte order is the order they want.
/// </summary>
public readonly struct PointKey(byte[] bytes) : IEquatable<PointKey>, IComparable<PointKey>
{
    readonly byte[]? _bytes = bytes;

    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>The array behind the key. It is shared, so it must not be changed.</summary>
    public byte[] Bytes => _bytes ?? [];

    public int CompareTo(PointKey other) => Span.SequenceCompareTo(other.Span);

    public bool Equals(PointKey other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is PointKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexStringLower(Span);

    public static bool operator ==(PointKey left, PointKey right) => left.Equals(right);

    public static bool operator !=(PointKey left, PointKey right) => !left.Equals(right);

    public static bool operator <(PointKey left, PointKey right) => left.CompareTo(right) < 0;

    public static bool operator >(PointKey left, PointKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(PointKey left, PointKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PointKey left, PointKey right) => left.CompareTo(right) >= 0;
}
