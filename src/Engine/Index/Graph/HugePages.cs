using System.Runtime.InteropServices;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Native memory that the system is asked to back with 2 MiB pages: a walk touches a random block at every step, and with
/// 4 KiB pages each touch costs an address translation from memory. Only a request: where it is refused (other systems,
/// a kernel without it) the memory is ordinary.
/// </summary>
internal static unsafe partial class HugePages
{
    public const int PageBytes = 2 << 20;

    const int ReadAndWrite = 3;
    const int PrivateAnonymous = 0x22;
    const int MadviseHugePage = 14;

    /// <summary>Memory is taken from the system page by page when it is first touched, not when it is allocated.</summary>
    public static bool OnTouch => OperatingSystem.IsLinux();

    /// <summary>Zeroed memory that starts on a page.</summary>
    /// <exception cref="OutOfMemoryException">The system has no more.</exception>
    public static void* Allocate(long bytes)
    {
        if (!OnTouch)
        {
            var memory = NativeMemory.AlignedAlloc((nuint)bytes, PageBytes);
            NativeMemory.Clear(memory, (nuint)bytes);
            return memory;
        }
        // A page more than is needed, and what lies before the first and after the last boundary given back.
        var room = Whole(bytes) + PageBytes;
        var start = Map(null, (nuint)room, ReadAndWrite, PrivateAnonymous, -1, 0);
        if (start == (void*)-1)
            throw new OutOfMemoryException($"The system has no {bytes >> 20} MiB more for the index.");
        var aligned = (byte*)Whole((nint)start);
        var before = aligned - (byte*)start;
        if (before > 0)
            _ = Unmap(start, (nuint)before);
        if (before < PageBytes)
            _ = Unmap(aligned + Whole(bytes), (nuint)(PageBytes - before));
        _ = Advise(aligned, (nuint)Whole(bytes), MadviseHugePage);
        return aligned;
    }

    /// <summary>Gives back what <see cref="Allocate"/> gave for as many bytes.</summary>
    public static void Free(void* memory, long bytes)
    {
        if (OnTouch)
            _ = Unmap(memory, (nuint)Whole(bytes));
        else
            NativeMemory.AlignedFree(memory);
    }

    static long Whole(long bytes) => (bytes + PageBytes - 1) & ~(PageBytes - 1L);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* start, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* start, nuint bytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint bytes, int advice);
}
