using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Benchmarking;

/// <summary>Vectors read from a file, as float32 in one array, row after row.</summary>
public sealed partial class VectorFile
{
    VectorFile(float[] values, int dimensions) => (Values, Dimensions) = (values, dimensions);

    public float[] Values { get; }

    public int Dimensions { get; }

    public int Count => Values.Length / Dimensions;

    /// <summary>
    /// Reads .npy (versions 1 to 3; two dimensions, C order, little-endian float32 or float16, or int8) or .fvecs (an int32
    /// dimension before each vector of float32).
    /// </summary>
    /// <exception cref="CommandFailure">No such file; of another kind, torn, empty, or with NaN or infinity in it.</exception>
    public static VectorFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var file = Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".npy" => ReadNpy(stream, path),
                ".fvecs" => ReadFvecs(stream, path),
                var other => throw new CommandFailure($"{path}: files of the kind '{other}' are not read. Give a .npy or .fvecs file."),
            };
            CheckFinite(file, path);
            return file;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure($"There is no file {path}.", missing);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            throw new CommandFailure($"{path} cannot be read: {refused.Message}", refused);
        }
    }

    static void CheckFinite(VectorFile file, string path)
    {
        for (var i = 0; i < file.Values.Length; i++)
            if (!float.IsFinite(file.Values[i]))
                throw new CommandFailure($"{path}: row {i / file.Dimensions} holds {file.Values[i]}. Vectors must be finite.");
    }

    static VectorFile ReadNpy(Stream stream, string path)
    {
        var header = ReadHeader(stream, path);
        var match = NpyHeader().Match(header);
        if (!match.Success || !FortranOrder().Match(header).Groups["order"].ValueSpan.SequenceEqual("False"))
            throw new CommandFailure($"{path}: wanted an array of two dimensions in C order, found {header.Trim()}.");
        var type = match.Groups["type"].Value;
        var itemBytes = type switch
        {
            "<f4" => sizeof(float),
            "<f2" => 2,
            "|i1" or "<i1" or "i1" => sizeof(sbyte),
            _ => throw new CommandFailure(
                $"{path}: its numbers are '{type}'; float32 ('<f4'), float16 ('<f2') and int8 ('|i1') are read. "
                + "Convert it with numpy: array.astype('float32')."),
        };
        if (!long.TryParse(match.Groups["rows"].Value, CultureInfo.InvariantCulture, out var rows)
            || !int.TryParse(match.Groups["columns"].Value, CultureInfo.InvariantCulture, out var columns))
            throw new CommandFailure($"{path}: the shape of {header.Trim()} is too large.");
        if (rows * (decimal)columns * itemBytes > stream.Length)
            throw new CommandFailure($"{path} is torn: it has {stream.Length} bytes and should hold {rows} x {columns} numbers.");
        var values = Allocate(rows, columns, path);
        var (left, promised) = (stream.Length - stream.Position, values.Length * (long)itemBytes);
        if (left != promised)
            throw new CommandFailure($"{path} is torn: {left} bytes of numbers follow its header, which promises {promised}.");
        if (itemBytes == sizeof(float))
            ReadInto<float>(stream, values, x => x);
        else if (itemBytes == sizeof(sbyte))
            ReadInto<sbyte>(stream, values, x => x);
        else
            ReadInto<Half>(stream, values, x => (float)x);
        return new VectorFile(values, columns);
    }

    // numpy's format: \x93NUMPY, a version of two bytes, the length of the header (2 bytes, from version 2 on 4), the header.
    static string ReadHeader(Stream stream, string path)
    {
        var prefix = new byte[12];
        stream.ReadAtLeast(prefix.AsSpan(0, 10), 10, throwOnEndOfStream: false);
        if (prefix[0] != 0x93 || !prefix.AsSpan(1, 5).SequenceEqual("NUMPY"u8) || prefix[6] is < 1 or > 3)
            throw new CommandFailure($"{path} is no .npy file: it does not begin with numpy's mark and a version from 1 to 3.");
        long length = BinaryPrimitives.ReadUInt16LittleEndian(prefix.AsSpan(8));
        if (prefix[6] > 1)
        {
            stream.ReadAtLeast(prefix.AsSpan(10, 2), 2, throwOnEndOfStream: false);
            length = BinaryPrimitives.ReadUInt32LittleEndian(prefix.AsSpan(8));
        }
        if (length > stream.Length - stream.Position)
            throw new CommandFailure($"{path} is torn: it ends within its header.");
        var header = new byte[length];
        stream.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    static void ReadInto<T>(Stream stream, float[] values, Func<T, float> convert)
        where T : unmanaged
    {
        var buffer = new T[Math.Min(values.Length, 1 << 16)];
        for (var at = 0; at < values.Length;)
        {
            var part = buffer.AsSpan(0, Math.Min(buffer.Length, values.Length - at));
            stream.ReadExactly(MemoryMarshal.AsBytes(part));
            foreach (var number in part)
                values[at++] = convert(number);
        }
    }

    static VectorFile ReadFvecs(Stream stream, string path)
    {
        var head = new byte[sizeof(int)];
        stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var dimensions = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (dimensions < 1 || stream.Length % (4L * (dimensions + 1L)) != 0)
            throw new CommandFailure(
                $"{path} is no .fvecs file: it begins with the dimension {dimensions}, and its {stream.Length} bytes are no whole "
                + "number of such vectors.");
        stream.Position = 0;
        var values = Allocate(stream.Length / (4L * (dimensions + 1L)), dimensions, path);
        for (var at = 0; at < values.Length; at += dimensions)
        {
            stream.ReadExactly(head);
            if (BinaryPrimitives.ReadInt32LittleEndian(head) is var other && other != dimensions)
                throw new CommandFailure($"{path}: row {at / dimensions} says it has {other} numbers, the first has {dimensions}.");
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(at, dimensions)));
        }
        return new VectorFile(values, dimensions);
    }

    static float[] Allocate(long rows, int dimensions, string path)
    {
        if (rows == 0 || dimensions == 0)
            throw new CommandFailure($"{path} holds no vectors: {rows} rows of {dimensions} numbers.");
        if (rows > Array.MaxLength / dimensions)
            throw new CommandFailure($"{path} holds {rows} x {dimensions} numbers; {Array.MaxLength} can be read at most.");
        return new float[rows * dimensions];
    }

    [GeneratedRegex(@"'descr':\s*'(?<type>[^']+)'.*'shape':\s*\((?<rows>\d+),\s*(?<columns>\d+)\s*,?\s*\)")]
    private static partial Regex NpyHeader();

    [GeneratedRegex(@"'fortran_order':\s*(?<order>\w+)")]
    private static partial Regex FortranOrder();
}
