using System.Diagnostics;
using System.Runtime.InteropServices;
using VectorDb.Benchmarks.IndexBench;
using VectorDb.Engine;
using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

// temporary tuning harness
var all = VectorFile.Read(args[0]);
int nq = 1000, n = Math.Min(int.Parse(args[1]), all.Count - nq), d = all.Dimensions;
var widths = args[2].Split(',').ToArray();
string cache = $"/tmp/gen/truth-{Path.GetFileNameWithoutExtension(args[0])}-{n}.bin";
float[] Q = all.Values.AsSpan((all.Count - nq) * d, nq * d).ToArray();
int[] truth = new int[nq * 10];
if (File.Exists(cache)) Buffer.BlockCopy(File.ReadAllBytes(cache), 0, truth, 0, truth.Length * 4);
else
{
    Parallel.For(0, nq, q => {
        var keys = new float[n]; var ids = new int[n];
        for (int i = 0; i < n; i++) { keys[i] = -System.Numerics.Tensors.TensorPrimitives.Dot<float>(all.Row(i), Q.AsSpan(q * d, d)); ids[i] = i; }
        Array.Sort(keys, ids); ids.AsSpan(0, 10).CopyTo(truth.AsSpan(q * 10));
    });
    File.WriteAllBytes(cache, MemoryMarshal.AsBytes<int>(truth).ToArray());
    WriteFvecs("/tmp/gen/base.fvecs", all.Values.AsSpan(0, n * d), d);
    WriteFvecs("/tmp/gen/queries.fvecs", Q, d);
}
var sample = new float[d];
for (int i = 0; i < 1000; i++) System.Numerics.Tensors.TensorPrimitives.Add(sample, all.Row(i), sample);
System.Numerics.Tensors.TensorPrimitives.Divide(sample, 1000, sample);
var graph = new QuantizedGraph(new VectorFrame(Metric.Cosine, sample, 42));
foreach (var kv in args.Skip(3).Select(a => a.Split('='))) typeof(QuantizedGraph).GetProperty(kv[0])!.SetValue(graph, int.Parse(kv[1]));
var sw = Stopwatch.StartNew();
for (int i = 0; i < n; i++) graph.Insert(i, all.Row(i));
Console.WriteLine($"build {sw.Elapsed.TotalSeconds:F2}s {sw.Elapsed.TotalMicroseconds / n:F1} us/insert, {graph.Bytes / (double)n:F0} B/vec entries {graph.Entries.Count}");
if (graph.RefineWidth > 0) { sw.Restart(); for (int i = 0; i < n; i++) graph.Refine(i, all.Row(i)); Console.WriteLine($"refine {sw.Elapsed.TotalSeconds:F2}s"); }
var walk = graph.RentWalk();
{
    double Time(Action a, int c) { var best = double.MaxValue; for (int r = 0; r < 30; r++) { var t = Stopwatch.GetTimestamp(); for (int i = 0; i < c; i++) a(); best = Math.Min(best, Stopwatch.GetElapsedTime(t).TotalNanoseconds / c); } return best; }
    var rot = new float[graph.Frame.Rotation.PaddedDimensions];
    Console.WriteLine($"rotate {Time(() => graph.Frame.Rotation.Apply(Q.AsSpan(0, d), rot), 1000):F0} ns, setquery {Time(() => walk.Query.SetQuery(Q.AsSpan(0, d)), 1000):F0} ns, entries {Time(() => { walk.Begin(10); graph.Entries.Start(walk); }, 1000):F0}");
    unsafe { var perm = new int[20000]; var rr = new Random(3); for (int i = 0; i < perm.Length; i++) perm[i] = rr.Next(n); var es = stackalloc float[32]; nint esp = (nint)es;
      foreach (int ahead in new[] { 0, 1, 2, 4, 8 }) foreach (int lines in new[] { 0, 7, 39 })
      Console.WriteLine($"ahead {ahead} lines {lines}: {Time(() => { for (int i = 0; i + 8 < perm.Length; i++) { var pb = (byte*)graph.Store.Block(perm[i + ahead]); for (int l = 0; l < lines; l++) System.Runtime.Intrinsics.X86.Sse.Prefetch0(pb + l * 64); var bb = graph.Store.Block(perm[i]); var kk = walk.Query.Key(bb); walk.Query.EstimateNeighbors(bb, graph.Store.Layout, kk, 1, (float*)esp); } }, 1) / perm.Length:F0} ns per visit"); }
    unsafe { var b = graph.Store.Block(7); var e = stackalloc float[32]; nint ep = (nint)e; nint bp = (nint)b;
    Console.WriteLine($"key {Time(() => walk.Query.Key((VertexHeader*)bp), 1000):F0} ns, estimate {Time(() => walk.Query.EstimateNeighbors((VertexHeader*)bp, graph.Store.Layout, 1, 1, (float*)ep), 1000):F0} ns"); }
}
var bestP50 = new Dictionary<string, double>();
var hits = new (float, int)[4096];
for (int round = 0; round < 11; round++)
foreach (var ws0 in widths)
{
 var ws = ws0; Walk.Mode = ws.Contains('/') ? int.Parse(ws.Split('/')[1]) : 0; Walk.Lines = ws.Split('/').Length > 2 ? 64*int.Parse(ws.Split('/')[2]) : 2368; ws = ws.Split('/')[0];
    int width = int.Parse(ws.Split('+')[0]); graph.SearchSpare = ws.Contains('+') ? int.Parse(ws.Split('+')[1]) : 0; var took = new double[nq];
    sw.Restart(); CandidatePool.Adds = 0; int found = 0; long visits = 0;
    for (int q = 0; q < nq; q++)
    {
        long t0 = Stopwatch.GetTimestamp(); graph.Search(walk, Q.AsSpan(q * d, d), width); took[q] = Stopwatch.GetElapsedTime(t0).TotalMicroseconds;
        visits += walk.VisitCount;
        int m = 0;
        foreach (var v in walk.Visits) hits[m++] = (v.Key, v.Slot);
        var best = hits.AsSpan(0, m);
        best.Sort(static (a, b) => a.Item1.CompareTo(b.Item1));
        for (int i = 0; i < Math.Min(10, m); i++) if (truth.AsSpan(q * 10, 10).Contains(best[i].Item2)) found++;
    }
    Array.Sort(took); bestP50[ws0] = Math.Min(bestP50.GetValueOrDefault(ws0, 1e9), took[nq / 2]); if (round == 10) Console.WriteLine($"width {ws0} recall {found / (nq * 10.0):F4} qps {nq / sw.Elapsed.TotalSeconds:F0} visits {visits / (double)nq:F1} adds/visit {CandidatePool.Adds / (double)visits:F1} p50 {bestP50[ws0]:F1} us");
}
return 0;
void WriteFvecs(string p, ReadOnlySpan<float> v, int dim) { using var f = File.Create(p); for (int i = 0; i < v.Length; i += dim) { f.Write(BitConverter.GetBytes(dim)); f.Write(MemoryMarshal.AsBytes(v.Slice(i, dim))); } }
