using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Where things stand in a vertex's block, all at fixed places and 64-byte aligned: header, 8-bit vector, the 32
/// neighbours' 1-bit codes, their factors, their ids, and what only the writer reads. One block is one vertex with all
/// that a walk needs to go on from it.
/// </summary>
internal sealed unsafe class VertexLayout
{
    /// <summary>Edges that leave a vertex: what one FastScan looks at.</summary>
    public const int Degree = FastScan.Width;

    public const int HeaderBytes = 64;

    const int EdgeFloats = Degree * sizeof(float);

    const int EdgeHalves = Degree * sizeof(ushort);

    public VertexLayout(int paddedDimensions, bool keepsNorms)
    {
        PaddedDimensions = paddedDimensions;
        CodesAt = HeaderBytes + paddedDimensions;
        AddendsAt = CodesAt + FastScan.CodeBytes(paddedDimensions);
        RescalesAt = AddendsAt + EdgeFloats;
        NeighborsAt = RescalesAt + EdgeHalves;
        LengthsAt = NeighborsAt + EdgeFloats;
        NormsAt = LengthsAt + EdgeHalves;
        TailAt = keepsNorms ? NormsAt + EdgeFloats : NormsAt;
        Stride = (TailAt + paddedDimensions / 2 + 63) & ~63;
        KeepsNorms = keepsNorms;
    }

    public int PaddedDimensions { get; }

    /// <summary>Neighbours' squared norms are kept too: the inner product is searched with them.</summary>
    public bool KeepsNorms { get; }

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
