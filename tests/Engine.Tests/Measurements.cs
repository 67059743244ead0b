using System.Diagnostics;
using System.Numerics.Tensors;
using VectorDb.Engine.Index;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>
/// Figures for the documentation: run with `-explicit only`, and only in a Release build do they mean anything.
/// </summary>
public sealed class Measurements(ITestOutputHelper output)
{
    const int Dimensions = 384;

    [Fact(Explicit = true)]
    public void DurableWrites()
    {
        foreach (var batch in new[] { 64, 256, 1024, 64, 256, 1024 })
        {
            using var temp = new TempShard(schema: new CollectionSchema(Dimensions, Metric.Cosine), fast: false);
            var rows = Rows(batch * 120);
            foreach (var part in rows.Chunk(batch).Take(20))
                temp.Shard.Write(transaction => part.Count(row => transaction.Upsert(row) == UpsertOutcome.Applied));
            var clock = Stopwatch.StartNew();
            foreach (var part in rows.Chunk(batch).Skip(20))
                temp.Shard.Write(transaction => part.Count(row => transaction.Upsert(row) == UpsertOutcome.Applied));
            Print($"inserts, {batch} a transaction: {batch * 100 / clock.Elapsed.TotalSeconds:n0} rows/s, "
                + $"{clock.Elapsed.TotalMilliseconds / 100:n2} ms a transaction");
            clock.Restart();
            foreach (var part in rows.Chunk(batch).Take(50))
                temp.Shard.Write(transaction => part.Count(row => transaction.Upsert(row with { Version = 2 }) == UpsertOutcome.Applied));
            Print($"updates, {batch} a transaction: {batch * 50 / clock.Elapsed.TotalSeconds:n0} rows/s");
            clock.Restart();
            foreach (var part in rows.Chunk(batch).Take(50))
            {
                var operation = Guid.NewGuid();
                temp.Shard.Write(transaction => part.Select((row, i) =>
                    transaction.Claim(new Claim(operation, i, row.Key, 1)).Version).Sum());
            }
            Print($"claims, {batch} a transaction: {batch * 50 / clock.Elapsed.TotalSeconds:n0} claims/s");
        }
    }

    /// <summary>What it costs to keep what became of operations. On shared memory, so that syncs do not hide it.</summary>
    [Fact(Explicit = true)]
    public void RecordedWrites()
    {
        for (var round = 0; round < 3; round++)
            foreach (var (batch, isRecorded) in new[] { (1, false), (1, true), (64, false), (64, true) })
            {
                using var temp = new TempShard(schema: new CollectionSchema(Dimensions, Metric.Cosine));
                var parts = Rows(batch == 1 ? 5_000 : 20_000).Chunk(batch).ToList();
                var before = Environment.CpuUsage.TotalTime;
                foreach (var part in parts)
                    temp.Shard.Write(transaction =>
                    {
                        if (isRecorded)
                            transaction.Record(Guid.CreateVersion7(), [.. Enumerable.Range(0, part.Length)]);
                        return part.Count(row => transaction.Upsert(row) == UpsertOutcome.Applied);
                    });
                var cpu = Environment.CpuUsage.TotalTime - before;
                Print($"{batch,2} a transaction, {(isRecorded ? "recorded" : "not recorded")}: "
                    + $"{cpu.TotalMicroseconds / parts.Sum(part => part.Length):n1} us of processor a row");
            }
    }

    [Fact(Explicit = true)]
    public void OpeningAMillionRows()
    {
        using var temp = new TempShard(schema: new CollectionSchema(Dimensions, Metric.Cosine), fast: false);
        var rows = Rows(10_000);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 1_000_000; i += 1000)
        {
            var first = i;
            temp.Shard.Write(transaction => Enumerable.Range(first, 1000).Count(number => transaction.Upsert(
                rows[number % rows.Length] with { Key = VectorGen.Key(number) }) == UpsertOutcome.Applied));
        }
        Print($"written: {1_000_000 / clock.Elapsed.TotalSeconds:n0} rows/s, {temp.Shard.Stats.FileBytes / 1e9:n2} GB");
        temp.Close();
        for (var round = 0; round < 3; round++, temp.Close())
        {
            clock.Restart();
            var before = Environment.CpuUsage.TotalTime;
            var stats = temp.Shard.Stats;
            var cpu = Environment.CpuUsage.TotalTime - before;
            Print($"opened {stats.Points:n0} rows in {clock.Elapsed.TotalSeconds:n2} s ({cpu.TotalSeconds:n2} s of processor), "
                + $"index {stats.IndexBytes / 1e9:n2} GB");
            clock.Restart();
            temp.Search(rows[0].Vector, 10);
            Print($"  one search: {clock.Elapsed.TotalMilliseconds:n1} ms");
        }
    }

    [Fact(Explicit = true)]
    public void FlatScan()
    {
        foreach (var count in new[] { 10_000, 200_000 })
        {
            using var index = new FlatIndex(Dimensions, Metric.Cosine);
            int[] slots = [.. Enumerable.Range(0, count)];
            var rows = Rows(10_000).Select(row => row.Vector).ToArray();
            foreach (var slot in slots)
                index.Add([slot], rows[slot % rows.Length]);
            var live = LiveSlots.Empty.With(slots, []);
            var table = new SlotTable();
            table.Reserve(count);
            foreach (var slot in slots)
                table.Set(slot, VectorGen.Key(slot).Span, 1);
            for (var round = 0; round < 3; round++)
            {
                foreach (var batch in new[] { 1, 4, 16, 64 })
                    Print($"{count} rows, {batch,2} queries: {Scan(index, live, table, rows[..batch])}");
                Print($"{count} rows, TensorPrimitives.Dot, 1 query: {Naive(rows[0], rows, count)}");
            }
        }
    }

    static string Scan(FlatIndex index, LiveSlots live, SlotTable table, float[][] batch)
    {
        var queries = batch.SelectMany(row => row).ToArray();
        TopK[] heaps = [.. batch.Select(_ => new TopK())];
        var best = double.MaxValue;
        for (var repeat = 0; repeat < 5; repeat++)
        {
            Array.ForEach(heaps, heap => heap.Reset(10, table));
            var clock = Stopwatch.StartNew();
            index.Search(new IndexQuery { Vectors = queries, Live = live }, heaps);
            best = Math.Min(best, clock.Elapsed.TotalNanoseconds);
        }
        var perRow = best / live.Count;
        return $"{perRow / batch.Length:n2} ns a query and vector, {Dimensions * 4 / perRow:n1} GB/s of rows";
    }

    static string Naive(float[] query, float[][] rows, int count)
    {
        var flat = new float[(long)count * Dimensions];
        for (var i = 0; i < count; i++)
            rows[i % rows.Length].CopyTo(flat, (long)i * Dimensions);
        var best = double.MaxValue;
        var sum = 0f;
        for (var repeat = 0; repeat < 5; repeat++)
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < count; i++)
                sum = Math.Max(sum, TensorPrimitives.Dot(query, flat.AsSpan(i * Dimensions, Dimensions)));
            best = Math.Min(best, clock.Elapsed.TotalNanoseconds);
        }
        return $"{best / count:n2} ns a vector, {Dimensions * 4 * count / best:n1} GB/s (largest {sum:n2})";
    }

    static PointRow[] Rows(int count)
    {
        var vectors = new VectorGen(1, Dimensions);
        return [.. Enumerable.Range(0, count).Select(number => new PointRow
        {
            Key = VectorGen.Key(number),
            Version = 1,
            Vector = vectors.Normal(),
            Payload = """{"class":"World","title":"A title of some forty characters, more or less"}""",
            Text = "A text about as long as a short piece of news, which is what most people store: some two hundred "
                + "characters, in one or two sentences, with a few names in them and perhaps a number such as 42.",
        })];
    }

    void Print(string line)
    {
        output.WriteLine(line);
        Console.Error.WriteLine(line);
    }
}
