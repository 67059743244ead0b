using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>Vectors read from a file, as float32 in one array, row after row.</summary>
public sealed partial class VectorFile
{
    VectorFile(float[] values, int dimensions)
    {
        Values = values;
        Dimensions = dimensions;
    }

    public float[] Values { get; }

    public int Dimensions { get; }

    public int Count => Values.Length / Dimensions;

    public ReadOnlySpan<float> Row(int index) => Values.AsSpan(index * Dimensions, Dimensions);

    /// <summary>
    /// Reads .npy (two dimensions, C order, little-endian float32, float16, or int8) or .fvecs (an int32 dimension before
    /// each vector of float32).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Rows to read at most.</param>
    /// <exception cref="InvalidDataException">The file is of another kind, torn, or holds NaN or infinity.</exception>
    public static VectorFile Read(string path, int limit = int.MaxValue)
    {
        using var stream = File.OpenRead(path);
        var file = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npy" => ReadNpy(stream, path, limit),
            ".fvecs" => ReadFvecs(stream, path, limit),
            var other => throw new InvalidDataException($"{path}: '{other}' is not known. Give a .npy or .fvecs file."),
        };
        for (var i = 0; i < file.Values.Length; i++)
            if (!float.IsFinite(file.Values[i]))
                throw new InvalidDataException($"{path}: row {i / file.Dimensions} holds {file.Values[i]}. Vectors must be finite.");
        return file;
    }

    static VectorFile ReadNpy(Stream stream, string path, int limit)
    {
        var prefix = new byte[10];
        stream.ReadExactly(prefix);
        if (prefix[0] != 0x93 || !prefix.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
            throw new InvalidDataException($"{path} does not begin like a .npy file.");
        var headerBytes = prefix[6] == 1 ? BitConverter.ToUInt16(prefix, 8) : BitConverter.ToUInt16(prefix, 8) + 2;
        var header = new byte[headerBytes];
        stream.ReadExactly(header);
        var text = Encoding.ASCII.GetString(header);
        var match = NpyHeader().Match(text);
        if (!match.Success || text.Contains("'fortran_order': True"))
            throw new InvalidDataException($"{path}: wanted a C-ordered array of two dimensions, found {text.Trim()}.");
        var rows = (int)Math.Min(limit, long.Parse(match.Groups["rows"].Value, CultureInfo.InvariantCulture));
        var dimensions = int.Parse(match.Groups["columns"].Value, CultureInfo.InvariantCulture);
        var values = new float[checked(rows * dimensions)];
        switch (match.Groups["type"].Value)
        {
            case "<f4":
                ReadInto<float>(stream, values, x => x);
                break;
            case "<f2":
                ReadInto<Half>(stream, values, x => (float)x);
                break;
            case "|i1":
                ReadInto<sbyte>(stream, values, x => x);
                break;
            default:
                throw new InvalidDataException($"{path}: numbers are {match.Groups["type"].Value}; wanted <f4, <f2 or |i1.");
        }
        return new VectorFile(values, dimensions);
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

    static VectorFile ReadFvecs(Stream stream, string path, int limit)
    {
        var head = new byte[4];
        stream.ReadExactly(head);
        var dimensions = BitConverter.ToInt32(head);
        if (dimensions is < 1 or > 65536 || stream.Length % (4L * (dimensions + 1)) != 0)
            throw new InvalidDataException($"{path}: {stream.Length} bytes are no whole number of vectors of {dimensions}.");
        var rows = (int)Math.Min(limit, stream.Length / (4L * (dimensions + 1)));
        var values = new float[checked(rows * dimensions)];
        for (var row = 0; row < rows; row++)
        {
            stream.Position = row * 4L * (dimensions + 1) + 4;
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(row * dimensions, dimensions)));
        }
        return new VectorFile(values, dimensions);
    }

    [GeneratedRegex(@"'descr':\s*'(?<type>[^']+)'.*'shape':\s*\((?<rows>\d+),\s*(?<columns>\d+)\s*,?\s*\)")]
    private static partial Regex NpyHeader();
}
