using System.Numerics;
using VectorDb.Engine.Index;

namespace VectorDb.Engine.Storage;

/// <summary>
/// Draws rows without replacement: selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
/// </summary>
static class Sampling
{
    /// <summary>
    /// Rows read on one SQLite snapshot, so that a long sample does not keep the log from being emptied.
    /// </summary>
    const int SnapshotRows = 256;

    public static float[][] Take(ShardIndex index, ReaderPool readers, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var snapshot = index.Enter();
        try
        {
            var vectors = new List<float[]>(Math.Min(count, snapshot.Live.Count));
            foreach (var slots in Choose(snapshot.Live, count, new Random(seed)).Chunk(SnapshotRows))
                vectors.AddRange(readers.Use(reader => reader.OnSnapshot(() => Read(slots, snapshot.Table, reader))));
            return [.. vectors];
        }
        finally
        {
            snapshot.Leave();
        }
    }

    static IEnumerable<int> Choose(LiveSlots live, int count, Random random)
    {
        var (needed, left) = (Math.Min(count, live.Count), live.Count);
        for (var word = 0; word < live.WordCount && needed > 0; word++)
        {
            for (var bits = live.Word(word); bits != 0 && needed > 0; bits &= bits - 1, left--)
            {
                if (random.NextInt64(left) >= needed)
                    continue;
                needed--;
                yield return word * 64 + BitOperations.TrailingZeroCount(bits);
            }
        }
    }

    static List<float[]> Read(int[] slots, SlotTable table, RowReader reader)
    {
        var vectors = new List<float[]>(slots.Length);
        foreach (var slot in slots)
        {
            if (reader.Vector(slot, table.Key(slot), table.Version(slot)) is { } vector)
                vectors.Add(vector);
        }
        return vectors;
    }
}
