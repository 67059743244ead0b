using System.Runtime.InteropServices;

namespace VectorDb.Engine.Tests.Kernels;

/// <summary>
/// Native memory with a page of a known byte around it, starting off alignment when asked: a kernel that writes beside its
/// result is caught.
/// </summary>
sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    const int Guard = 256;
    const byte Untouched = 0xA5;

    readonly byte* _memory;
    readonly int _bytes;
    readonly int _offset;

    public NativeBuffer(int count, int offset = 0)
    {
        Count = count;
        _bytes = count * sizeof(T);
        _offset = Guard + offset;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(_bytes + 2 * Guard + offset), 64);
        new Span<byte>(_memory, _bytes + 2 * Guard + offset).Fill(Untouched);
        Span.Clear();
    }

    public NativeBuffer(ReadOnlySpan<T> values, int offset = 0)
        : this(values.Length, offset) => values.CopyTo(Span);

    public int Count { get; }

    public T* Pointer => (T*)(_memory + _offset);

    public Span<T> Span => new(Pointer, Count);

    public void Dispose()
    {
        var before = new ReadOnlySpan<byte>(_memory, _offset);
        var after = new ReadOnlySpan<byte>(_memory + _offset + _bytes, Guard);
        Assert.False(before.ContainsAnyExcept(Untouched), "written before the buffer");
        Assert.False(after.ContainsAnyExcept(Untouched), "written behind the buffer");
        NativeMemory.AlignedFree(_memory);
    }
}
