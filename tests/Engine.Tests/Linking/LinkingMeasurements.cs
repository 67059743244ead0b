using System.Diagnostics;
using System.Runtime.InteropServices;
using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;
using VectorDb.Engine.Tests.Graph;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Linking;

/// <summary>
/// Figures for the documentation: `VECTORDB_VECTORS=file.npy dotnet run -c Release --project tests/Engine.Tests -- -explicit only
/// -class '*LinkingMeasurements'`. The file holds float32 rows, normalised. VECTORDB_ROWS says how many to write; beyond those of
/// the file, copies with small seeded noise follow.
/// </summary>
public sealed class LinkingMeasurements(ITestOutputHelper output)
{
    const int BatchRows = 256;

    [Fact(Explicit = true)]
    public void WriteWhileSearching_ThenStartAgain()
    {
        var vectors = Vectors(out var dimensions);
        var wanted = Environment.GetEnvironmentVariable("VECTORDB_ROWS") ?? "50000";
        var count = int.Parse(wanted, System.Globalization.CultureInfo.InvariantCulture);
        using var temp = new TempShard(schema: new CollectionSchema(dimensions, Metric.Cosine), fast: false);
        var queries = Enumerable.Range(0, 200).Select(i => vectors(1_000_000_007 + i * 13)).ToArray();
        Write(temp, vectors, count);
        Search(temp, queries, "linked");
        Bare(vectors, count, queries);
        Search(temp, queries, "linked, again");
        Inserts(temp, vectors, count, queries);
        WaitForLinks(temp);
        for (var round = 0; round < 2; round++)
        {
            var clock = Stopwatch.StartNew();
            temp.Close();
            Print($"closed in {clock.Elapsed.TotalSeconds:n2} s");
            clock.Restart();
            var stats = temp.Shard.Stats;
            Print($"opened {stats.Points:n0} rows, {stats.Linked:n0} linked, in {clock.Elapsed.TotalSeconds:n2} s; "
                + $"{stats.IndexBytes / stats.Points} bytes a row; {stats.IndexProblem}");
            Search(temp, queries, "after the start");
        }
    }

    void Write(TempShard temp, Func<int, float[]> vectors, int count)
    {
        var clock = Stopwatch.StartNew();
        for (var first = 0; first < count; first += BatchRows)
            Upsert(temp, Enumerable.Range(first, Math.Min(BatchRows, count - first)), vectors);
        var accepted = clock.Elapsed;
        WaitForLinks(temp);
        Print($"{count:n0} rows in batches of {BatchRows}: durable {count / accepted.TotalSeconds:n0}/s, "
            + $"linked {count / clock.Elapsed.TotalSeconds:n0}/s");
    }

    void Search(TempShard temp, float[][] queries, string when)
    {
        foreach (var (exact, batch) in new[] { (false, 1), (false, 64), (true, 1), (true, 64) })
        {
            var rounds = exact ? 1 : 5;
            var times = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                foreach (var part in queries.Take(exact && batch == 1 ? 5 : 192).Chunk(batch))
                {
                    SearchQuery[] asked = [.. part.Select(query => new SearchQuery { Vector = query, TopK = 10, Exact = exact })];
                    var clock = Stopwatch.StartNew();
                    temp.Shard.Search(asked);
                    times.Add(clock.Elapsed.TotalMicroseconds / part.Length);
                }
            }
            times.Sort();
            Print($"{when}: {(exact ? "exact" : "graph")}, {batch} at a time: median {times[times.Count / 2]:n0} us a query");
        }
        var hits = 0;
        foreach (var part in queries.Chunk(64))
        {
            var found = temp.Shard.Search([.. part.Select(query => new SearchQuery { Vector = query, TopK = 10 })]);
            var exact = temp.Shard.Search([.. part.Select(query => new SearchQuery { Vector = query, TopK = 10, Exact = true })]);
            hits += found.Zip(exact, (f, e) => f.Count(hit => hit.Score >= e[^1].Score)).Sum();
        }
        Print($"{when}: recall@10 {hits / (queries.Length * 10.0):n4}");
    }

    /// <summary>The graph alone, in the same minutes: what the shard adds to it is the difference.</summary>
    void Bare(Func<int, float[]> vectors, int count, float[][] queries)
    {
        using var graph = new GraphIndex(queries[0].Length, Metric.Cosine, new GraphOptions { FlatBelow = 0 });
        for (var first = 0; first < count; first += 1024)
        {
            int[] slots = [.. Enumerable.Range(first, Math.Min(1024, count - first))];
            graph.Add(slots, slots.SelectMany(vectors).ToArray());
        }
        var live = LiveSlots.Empty.With([.. Enumerable.Range(0, count)], []);
        var nearest = new TopK();
        var times = new List<double>();
        foreach (var query in Enumerable.Repeat(queries, 5).SelectMany(all => all))
        {
            var clock = Stopwatch.StartNew();
            nearest.Reset(10, SlotNumbers.Order);
            graph.Search(new IndexQuery { Vectors = query, Live = live }, [nearest]);
            times.Add(clock.Elapsed.TotalMicroseconds);
        }
        times.Sort();
        Print($"the graph alone: median {times[times.Count / 2]:n0} us a query");
    }

    void Inserts(TempShard temp, Func<int, float[]> vectors, int count, float[][] queries)
    {
        var alone = SearchesIn(temp, queries, TimeSpan.FromSeconds(5), write: null);
        var times = new List<double>();
        var next = count;
        var beside = SearchesIn(temp, queries, TimeSpan.FromSeconds(10), () =>
        {
            var clock = Stopwatch.StartNew();
            Upsert(temp, [next++], vectors);
            times.Add(clock.Elapsed.TotalMilliseconds);
        });
        times.Sort();
        Print($"inserts one by one while two threads search: {times.Count / 10.0:n0}/s, p50 {times[times.Count / 2]:n2} ms, "
            + $"p99 {times[times.Count * 99 / 100]:n2} ms; searches {beside:n0}/s, alone {alone:n0}/s");
    }

    static double SearchesIn(TempShard temp, float[][] queries, TimeSpan time, Action? write)
    {
        var clock = Stopwatch.StartNew();
        var searches = 0;
        var threads = Enumerable.Range(0, 2).Select(thread => new Thread(() =>
        {
            for (var i = thread; clock.Elapsed < time; i++)
            {
                temp.Search(queries[i % queries.Length], 10);
                Interlocked.Increment(ref searches);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        while (write is not null && clock.Elapsed < time)
            write();
        Array.ForEach(threads, thread => thread.Join());
        return searches / time.TotalSeconds;
    }

    static void Upsert(TempShard temp, IEnumerable<int> numbers, Func<int, float[]> vectors) => temp.Write(transaction =>
    {
        foreach (var number in numbers)
        {
            transaction.Upsert(new PointRow
            {
                Key = VectorGen.Key(number),
                Version = 1,
                Vector = vectors(number),
                Payload = """{"class":"World"}""",
            });
        }
    });

    static void WaitForLinks(TempShard temp) =>
        SpinWait.SpinUntil(() => temp.Shard.Stats is var stats && stats.Linked == stats.Points, TimeSpan.FromMinutes(20));

    /// <summary>Row i of the file; further ones are its rows with noise of a tenth of their length, normalised on write.</summary>
    static Func<int, float[]> Vectors(out int dimensions)
    {
        var path = Environment.GetEnvironmentVariable("VECTORDB_VECTORS")
            ?? throw new InvalidOperationException("Set VECTORDB_VECTORS to a .npy file of float32 rows.");
        var bytes = File.ReadAllBytes(path);
        var headerEnd = 10 + BitConverter.ToUInt16(bytes, 8);
        var header = System.Text.Encoding.ASCII.GetString(bytes, 10, headerEnd - 10);
        var shape = System.Text.RegularExpressions.Regex.Match(header, @"\((\d+), (\d+)\)");
        var rows = int.Parse(shape.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        var width = dimensions = int.Parse(shape.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture);
        return number =>
        {
            var at = headerEnd + (long)(number % rows) * width * sizeof(float);
            var vector = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(checked((int)at), width * sizeof(float))).ToArray();
            if (number < rows)
                return vector;
            var noise = new VectorGen(number, width).Normal();
            for (var i = 0; i < width; i++)
                vector[i] += 0.1f * noise[i] / MathF.Sqrt(width);
            return vector;
        };
    }

    void Print(string line)
    {
        output.WriteLine(line);
        Console.Error.WriteLine(line);
    }
}
