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

    const int MadviseHugePage = 14;

    /// <summary>Zeroed memory; at least a page long pieces start on a page. Free with NativeMemory.AlignedFree.</summary>
    public static void* Allocate(long bytes)
    {
        var memory = NativeMemory.AlignedAlloc((nuint)bytes, (nuint)(bytes >= PageBytes ? PageBytes : 64));
        if (OperatingSystem.IsLinux() && bytes >= PageBytes)
            _ = Advise(memory, (nuint)bytes, MadviseHugePage);
        NativeMemory.Clear(memory, (nuint)bytes);
        return memory;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint bytes, int advice);
}
