using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Storage;

/// <summary>Compares one row with its checksums and with what the collection's vectors are.</summary>
internal static class RowCheck
{
    /// <summary>
    /// How far a normalised vector may be from length 1: float32 rounding of 65,536 numbers stays well below.
    /// </summary>
    const double NormTolerance = 1e-5;

    /// <summary>The columns that <see cref="Faults"/> reads.</summary>
    public const string Select =
        """
        SELECT p.slot, p.key, p.version, v.key, v.version, v.checksum, v.bytes, p.checksum, p.payload, p.text, p.epoch
        FROM points p LEFT JOIN vectors v ON v.slot = p.slot
        """;

    /// <summary>What is wrong with the row under the cursor, each a sentence that follows the row's name.</summary>
    public static IReadOnlyList<string> Faults(Statement.Cursor rows, CollectionSchema schema)
    {
        if (rows.IsNull(3))
            return ["has no vector."];
        var faults = new List<string>();
        var (slot, version) = (rows.Int64(0), rows.Int64(2));
        var key = rows.Bytes(1);
        if (!key.SequenceEqual(rows.Bytes(3)) || version != rows.Int64(4))
            faults.Add("has another key or version in the vectors table.");
        if (rows.Int64(5) != Checksums.OfVector(slot, key, version, rows.Bytes(6)))
            faults.Add("has a vector that does not match its checksum.");
        var contents = new Checksums.Contents
        {
            HasPayload = !rows.IsNull(8),
            Payload = rows.Bytes(8),
            HasText = !rows.IsNull(9),
            Text = rows.Bytes(9),
        };
        if (rows.Int64(7) != Checksums.OfContents(Checksums.OfIdentity(slot, key, version), contents))
            faults.Add("has a payload or text that does not match the checksum.");
        if (VectorFault(rows.Bytes(6), schema) is { } fault)
            faults.Add(fault);
        return faults;
    }

    static string? VectorFault(ReadOnlySpan<byte> bytes, CollectionSchema schema)
    {
        if (bytes.Length != schema.Dimensions * sizeof(float))
            return $"has a vector of {bytes.Length} bytes instead of {schema.Dimensions * sizeof(float)}.";
        var length = Norms.Length(MemoryMarshal.Cast<byte, float>(bytes));
        return schema.Metric == Metric.Cosine && !(Math.Abs(length - 1) <= NormTolerance)
            ? $"has length {length} instead of 1."
            : null;
    }
}
