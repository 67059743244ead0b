using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Where things stand in a vertex's block, all at fixed places and 64-byte aligned: header, 8-bit vector, the 32
/// neighbours' 1-bit codes, their factors, their ids, and what only the writer reads. One block is one vertex with all
/// that a walk needs to go on from it. A compact block has no codes and no factors: a walk reads the neighbours' own blocks.
/// </summary>
internal sealed unsafe class VertexLayout
{
    /// <summary>Edges that leave a vertex: what one FastScan looks at.</summary>
    public const int Degree = FastScan.Width;

    public const int HeaderBytes = 64;

    const int EdgeFloats = Degree * sizeof(float);

    const int EdgeHalves = Degree * sizeof(ushort);

    public VertexLayout(int paddedDimensions, bool keepsNorms, bool isCompact = false)
    {
        PaddedDimensions = paddedDimensions;
        IsCompact = isCompact;
        KeepsNorms = keepsNorms && !isCompact;
        CodesAt = HeaderBytes + paddedDimensions;
        AddendsAt = isCompact ? CodesAt : CodesAt + FastScan.CodeBytes(paddedDimensions);
        RescalesAt = isCompact ? AddendsAt : AddendsAt + EdgeFloats;
        NeighborsAt = isCompact ? RescalesAt : RescalesAt + EdgeHalves;
        LengthsAt = NeighborsAt + EdgeFloats;
        NormsAt = LengthsAt + EdgeHalves;
        TailAt = KeepsNorms ? NormsAt + EdgeFloats : NormsAt;
        Stride = (TailAt + paddedDimensions / 2 + 63) & ~63;
    }

    public int PaddedDimensions { get; }

    /// <summary>Without the neighbours' codes: a third of the memory, and a walk reads every neighbour's block.</summary>
    public bool IsCompact { get; }

    /// <summary>Neighbours' squared norms are kept too: the inner product is searched with them.</summary>
    public bool KeepsNorms { get; }

    /// <summary>Where a writer replaces all edges from, up to <see cref="TailAt"/>.</summary>
    public int CodesAt { get; }

    public int AddendsAt { get; }

    public int RescalesAt { get; }

    public int NeighborsAt { get; }

    /// <summary>Squared lengths of the edges, for the choice of the edge to give up.</summary>
    public int LengthsAt { get; }

    public int NormsAt { get; }

    /// <summary>Four more bits of each coordinate, for the last ranking.</summary>
    public int TailAt { get; }

    /// <summary>Bytes of a block.</summary>
    public int Stride { get; }

    public byte* Codes(VertexHeader* block) => (byte*)block + CodesAt;

    public float* Addends(VertexHeader* block) => (float*)((byte*)block + AddendsAt);

    public ushort* Rescales(VertexHeader* block) => (ushort*)((byte*)block + RescalesAt);

    public int* Neighbors(VertexHeader* block) => (int*)((byte*)block + NeighborsAt);

    public ushort* Lengths(VertexHeader* block) => (ushort*)((byte*)block + LengthsAt);

    public float* Norms(VertexHeader* block) => (float*)((byte*)block + NormsAt);

    public byte* Tail(VertexHeader* block) => (byte*)block + TailAt;

    /// <summary>Makes an edge that no walk takes.</summary>
    public void ClearEdge(VertexHeader* block, int edge)
    {
        Neighbors(block)[edge] = 0;
        if (IsCompact)
            return;
        Addends(block)[edge] = float.PositiveInfinity;
        Rescales(block)[edge] = 0;
    }

    public static sbyte* Vector(VertexHeader* block) => (sbyte*)block + HeaderBytes;

    public static ScaledCode Code(VertexHeader* block) => new(Vector(block), block->Scale);
}

/// <summary>The first 64 bytes of a block.</summary>
[StructLayout(LayoutKind.Sequential, Size = VertexLayout.HeaderBytes)]
internal struct VertexHeader
{
    /// <summary>Odd while a writer changes the block; a reader that finds it odd or changed reads again.</summary>
    public uint Sequence;

    /// <summary>The index's slot whose vector this is; <see cref="NoSlot"/> for one that was removed but is still passed.</summary>
    public int Slot;

    /// <summary>The vector is Scale times the 8-bit code, relative to the centre, rotated.</summary>
    public float Scale;

    /// <summary>Squared norm of the vector relative to the centre.</summary>
    public float SquaredNorm;

    /// <summary>Squared norm of the vector itself.</summary>
    public float Weight;

    /// <summary>Edges in use, the first ones.</summary>
    public int EdgeCount;

    /// <summary>Bit e: edge e was occluded by a better one and only fills the place.</summary>
    public uint Fillers;

    /// <summary>The checksum of the row that the vector came from: how a saved graph is compared with the rows.</summary>
    public long Stamp;

    public const int NoSlot = -1;
}
