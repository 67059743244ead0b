using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Saves a graph beside the shard's file and reads it back, so that starting costs reading and not linking. A cache: whatever
/// is wrong with the file, the caller drops it and rebuilds from SQLite.
/// </summary>
/// <remarks>
/// Little-endian. Header of 96 bytes: magic "VDBGRAPH", format version (int32), metric (int32), dimensions (int32), bytes of
/// a block (int32), vertices (int32), slots (int32), seed of the rotation (uint64), build width (int32), zero (int32),
/// sequence (int64: the caller's, what the graph contains), zeros. Then the centre (float32 x dimensions), the vertex of
/// each slot (int32 x slots, -1 for none), the blocks, their counts of incoming edges (int32), and an XxHash3 of all that,
/// 8 bytes big-endian. Written under another name, flushed to the disk, then renamed.
/// </remarks>
internal static unsafe class GraphCheckpoint
{
    /// <summary>Of the file. Another one is not read: the rotation, the codes or the layout would differ.</summary>
    public const int FormatVersion = 2;

    const int HeaderBytes = 96;

    /// <summary>Writes the graph. The index's writer calls it; searches go on.</summary>
    /// <param name="index">One that <see cref="GraphIndex.IsServing"/>.</param>
    /// <param name="path">Replaced as a whole or not at all.</param>
    /// <param name="sequence">What the caller knows the graph to contain, given back by <see cref="Load"/>.</param>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; the old file is as it was.</exception>
    public static void Save(GraphIndex index, string path, long sequence)
    {
        var graph = index.Graph is { } serving && index.IsServing
            ? serving
            : throw new InvalidOperationException("The index still scans; there is nothing to save yet.");
        var draft = path + ".new";
        using (var stream = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            var writer = new HashedStream(stream);
            writer.Write(Header(graph, index, sequence));
            writer.Write(MemoryMarshal.AsBytes<float>(graph.Frame.Center));
            writer.Write(MemoryMarshal.AsBytes(index.VertexBySlot));
            for (var vertex = 0; vertex < graph.VertexCount; vertex++)
                writer.Write(new ReadOnlySpan<byte>(graph.Store.Block(vertex), graph.Store.Layout.Stride));
            for (var vertex = 0; vertex < graph.VertexCount; vertex++)
                writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref graph.Store.Incoming(vertex))));
            writer.Finish();
            stream.Flush(flushToDisk: true);
        }
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Fills an empty index from a file; returns the sequence it was saved with.</summary>
    /// <param name="index">Of the dimensions and metric of the saved one, empty.</param>
    /// <param name="path">The file.</param>
    /// <param name="progress">Called with vertices read and vertices in all.</param>
    /// <exception cref="InvalidDataException">
    /// Torn, changed, of another format, or of other vectors. The index is still empty: delete the file and rebuild.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static long Load(GraphIndex index, string path, Action<long, long>? progress = null)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        var reader = new HashedStream(stream);
        var header = new byte[HeaderBytes];
        reader.Read(header);
        Check(header, index, stream.Length, path);
        var (vertices, slots) = (Int(header, 24), Int(header, 28));
        var center = new float[index.Dimensions];
        reader.Read(MemoryMarshal.AsBytes(center.AsSpan()));
        var vertexBySlot = new int[slots];
        reader.Read(MemoryMarshal.AsBytes(vertexBySlot.AsSpan()));
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(32));
        var graph = new QuantizedGraph(new VectorFrame(index.Metric, center, seed), index.BuildWidth, index.IsCompact);
        try
        {
            graph.Store.Reserve(vertices, isFilled: true);
            ReadBlocks(reader, graph.Store, vertices, progress);
            for (var vertex = 0; vertex < vertices; vertex++)
                reader.Read(MemoryMarshal.AsBytes(new Span<int>(ref graph.Store.Incoming(vertex))));
            if (!reader.Matches())
                throw new InvalidDataException($"{path} is damaged: its checksum does not match. Delete it; the index is rebuilt.");
            graph.Restore(vertices);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
        index.Adopt(graph, vertexBySlot);
        progress?.Invoke(vertices, vertices);
        return BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(48));
    }

    static byte[] Header(QuantizedGraph graph, GraphIndex index, long sequence)
    {
        var header = new byte[HeaderBytes];
        "VDBGRAPH"u8.CopyTo(header);
        int[] numbers =
        [
            FormatVersion, (int)index.Metric, index.Dimensions, graph.Store.Layout.Stride, graph.VertexCount,
            index.VertexBySlot.Length,
        ];
        MemoryMarshal.AsBytes<int>(numbers).CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(32), graph.Frame.Seed);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(40), graph.BuildWidth);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), sequence);
        return header;
    }

    static void Check(byte[] header, GraphIndex index, long fileBytes, string path)
    {
        if (!header.AsSpan(0, 8).SequenceEqual("VDBGRAPH"u8) || Int(header, 8) != FormatVersion)
            throw new InvalidDataException(
                $"{path} is not an index checkpoint of format {FormatVersion}. Delete it; the index is rebuilt.");
        if (Int(header, 12) != (int)index.Metric || Int(header, 16) != index.Dimensions)
            throw new InvalidDataException(
                $"{path} holds {Int(header, 16)} dimensions by {(Metric)Int(header, 12)}; the shard has {index.Dimensions} by "
                + $"{index.Metric}. Delete it; the index is rebuilt.");
        var stride = new VertexLayout(Kernels.Rotation.Pad(index.Dimensions), index.Metric == Metric.Dot, index.IsCompact).Stride;
        if (Int(header, 20) != stride)
            throw new InvalidDataException(
                $"{path} holds blocks of {Int(header, 20)} bytes; this index has {stride}: it was saved with another "
                + "VectorDb:CompactIndex. Delete it; the index is rebuilt.");
        var expected = HeaderBytes + index.Dimensions * 4L + Int(header, 28) * 4L + Int(header, 24) * (stride + 4L) + sizeof(ulong);
        if (Int(header, 24) < 0 || Int(header, 28) < 0 || fileBytes != expected)
            throw new InvalidDataException($"{path} is torn: {fileBytes} bytes instead of {expected}. Delete it; the index is rebuilt.");
    }

    // Most of the time goes into getting memory from the system, so several threads do it.
    static void ReadBlocks(HashedStream reader, VertexStore store, int vertices, Action<long, long>? progress)
    {
        var atOnce = store.SegmentVertices * Environment.ProcessorCount;
        for (var first = 0; first < vertices; first += atOnce)
        {
            var pieces = new List<(nint At, int Bytes)>();
            for (var from = first; from < Math.Min(first + atOnce, vertices); from += store.SegmentVertices)
                pieces.Add(((nint)store.Block(from), Math.Min(store.SegmentVertices, vertices - from) * store.Layout.Stride));
            reader.Read(pieces);
            progress?.Invoke(Math.Min(first + atOnce, vertices), vertices);
        }
    }

    static int Int(byte[] header, int at) => BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(at));

    /// <summary>Reads or writes, and hashes what passes.</summary>
    sealed class HashedStream(FileStream stream)
    {
        readonly XxHash3 _hash = new();

        public void Write(ReadOnlySpan<byte> bytes)
        {
            _hash.Append(bytes);
            stream.Write(bytes);
        }

        public void Read(Span<byte> bytes)
        {
            try
            {
                stream.ReadExactly(bytes);
            }
            catch (EndOfStreamException e)
            {
                throw new InvalidDataException("The checkpoint ends too early. Delete it; the index is rebuilt.", e);
            }
            _hash.Append(bytes);
        }

        /// <summary>Fills pieces of memory that follow one another in the file, all at once.</summary>
        public void Read(List<(nint At, int Bytes)> pieces)
        {
            var start = stream.Position;
            var file = stream.SafeFileHandle;
            var offsets = pieces.Select((_, i) => start + pieces.Take(i).Sum(piece => (long)piece.Bytes)).ToArray();
            try
            {
                Parallel.For(0, pieces.Count, i => Fill(file, offsets[i], new Span<byte>((void*)pieces[i].At, pieces[i].Bytes)));
            }
            catch (AggregateException failures)
            {
                ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
            }
            foreach (var (at, bytes) in pieces)
                _hash.Append(new ReadOnlySpan<byte>((void*)at, bytes));
            stream.Position = start + pieces.Sum(piece => (long)piece.Bytes);
        }

        static void Fill(SafeFileHandle file, long offset, Span<byte> piece)
        {
            while (piece.Length > 0)
            {
                var read = RandomAccess.Read(file, piece, offset);
                if (read == 0)
                    throw new InvalidDataException("The checkpoint ends too early. Delete it; the index is rebuilt.");
                offset += read;
                piece = piece[read..];
            }
        }

        public void Finish() => stream.Write(_hash.GetCurrentHash());

        public bool Matches()
        {
            Span<byte> stored = stackalloc byte[sizeof(ulong)];
            stream.ReadExactly(stored);
            return stored.SequenceEqual(_hash.GetCurrentHash());
        }
    }
}
