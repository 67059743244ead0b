using System.Diagnostics;
using VectorDb.Engine.Index;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>
/// Figures for docs/decisions/0018: `dotnet run -c Release --project tests/Engine.Tests -- -explicit only -class '*ScanMeasurements'`, with
/// DOTNET_EnableAVX512=0 for a processor without it.
/// </summary>
public sealed class ScanMeasurements(ITestOutputHelper output)
{
    const int Dimensions = 384;
    const int WarmUps = 300;

    /// <summary>The same rows without and with byte codes, in turns; medians.</summary>
    [Fact(Explicit = true)]
    public void WithoutAndWithCodes()
    {
        foreach (var count in new[] { 200, 1_000, 4_000, 20_000 })
        {
            var vectors = new VectorGen(1, Dimensions);
            int[] slots = [.. Enumerable.Range(0, count)];
            var rows = slots.SelectMany(_ => vectors.Normal()).ToArray();
            using var flat = new FlatIndex(Dimensions, Metric.Dot);
            flat.Add(slots, rows);
            using var fresh = new FreshRows(Dimensions, Metric.Dot);
            fresh.Add(slots, rows, new long[count]);
            var live = LiveSlots.Empty.With(slots, []);
            var table = new SlotTable();
            table.Reserve(count);
            foreach (var slot in slots)
                table.Set(slot, VectorGen.Key(slot).Span, 1);
            foreach (var batch in new[] { 1, 4, 16, 64 })
            {
                var queries = Enumerable.Range(0, batch).SelectMany(_ => vectors.Normal()).ToArray();
                var (plain, coded) = Medians(
                    Math.Max(50, 2_000_000 / (count * batch)),
                    heaps => flat.Search(new IndexQuery { Vectors = queries, Live = live }, heaps),
                    heaps => fresh.Search(new IndexQuery { Vectors = queries, Live = live }, heaps),
                    [.. Enumerable.Range(0, batch).Select(_ => new TopK())],
                    table);
                var line = $"{count,6} rows, {batch,2} queries: {plain / batch:n1} us a query, "
                    + $"with codes {coded / batch:n1}, {plain / coded:n2}";
                output.WriteLine(line);
                Console.Error.WriteLine(line);
            }
        }
    }

    static (double Plain, double Coded) Medians(
        int repeats, Action<TopK[]> plain, Action<TopK[]> coded, TopK[] heaps, SlotTable table)
    {
        var (without, with) = (new List<double>(), new List<double>());
        for (var repeat = 0; repeat < WarmUps + repeats; repeat++)
        {
            var (a, b) = (Time(plain), Time(coded));
            if (repeat < WarmUps)
                continue;
            without.Add(a);
            with.Add(b);
        }
        return (Median(without), Median(with));

        double Time(Action<TopK[]> search)
        {
            Array.ForEach(heaps, heap => heap.Reset(10, table));
            var start = Stopwatch.GetTimestamp();
            search(heaps);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
    }

    static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
