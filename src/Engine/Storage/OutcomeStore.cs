using System.Buffers.Binary;

namespace VectorDb.Engine.Storage;

/// <summary>
/// What became of the points of operations, so that it can be told to those who did not wait. One row for each change and
/// operation, whatever the number of points. Each connection has its own.
/// </summary>
internal sealed class OutcomeStore(Database database)
{
    readonly Statement _add = database.Prepare(
        "INSERT INTO outcomes(operation, ordinals, refusal, at) VALUES (?1, ?2, ?3, ?4)");
    readonly Statement _of = database.Prepare("SELECT ordinals, refusal FROM outcomes WHERE operation = ?1 ORDER BY id");

    public void Add(Guid operation, IReadOnlyList<int> ordinals, string? refusal, long now)
    {
        var bytes = new byte[ordinals.Count * sizeof(int)];
        for (var i = 0; i < ordinals.Count; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), ordinals[i]);
        _add.Bind(1, operation.ToByteArray(bigEndian: true)).Bind(2, bytes).Bind(4, now);
        if (refusal is null)
            _add.BindNull(3).Run();
        else
            _add.BindText(3, refusal).Run();
    }

    /// <summary>In the order in which they were recorded.</summary>
    public IReadOnlyList<Outcome> Of(Guid operation)
    {
        using var rows = _of.Bind(1, operation.ToByteArray(bigEndian: true)).Rows();
        var outcomes = new List<Outcome>();
        while (rows.Next())
            outcomes.Add(new(Decode(rows.Bytes(0)), rows.IsNull(1) ? null : rows.Text(1)));
        return outcomes;
    }

    internal static int[] Decode(ReadOnlySpan<byte> bytes)
    {
        var ordinals = new int[bytes.Length / sizeof(int)];
        for (var i = 0; i < ordinals.Length; i++)
            ordinals[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        return ordinals;
    }
}
