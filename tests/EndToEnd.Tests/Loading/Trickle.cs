namespace VectorDb.EndToEnd.Tests.Loading;

/// <summary>A stream that gives a few bytes at a time, as a slow pipe does.</summary>
public sealed class Trickle(byte[] bytes, int bytesAtATime) : MemoryStream(bytes)
{
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, bytesAtATime)]);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, bytesAtATime));
}
