using ScottPlot;
using ScottPlot.TickGenerators;
using VectorDb.Server.Benchmarking.Shards;

namespace VectorDb.Benchmarks;

/// <summary>
/// Draws what `vectordb bench shards --out` wrote, as SVG and PNG: search times beside the prototype's, recall, and memory, over the number
/// of shards.
/// </summary>
static class ShardsPlots
{
    const int Width = 900;
    const int Height = 560;

    static readonly Dictionary<string, (Color Color, string Label)> Choices = new()
    {
        ["1"] = (Color.FromHex("#1f77b4"), "nearest shard only"),
        ["auto"] = (Color.FromHex("#2ca02c"), "auto"),
        ["all"] = (Color.FromHex("#d62728"), "all shards"),
    };

    static readonly Color PrototypeColor = Color.FromHex("#555555");

    public static int Run(string[] args)
    {
        if (args is not [var folder] || ShardsResults.Read(folder) is not { Count: > 0 } results)
        {
            Console.Error.WriteLine("plot-shards needs a folder with the results of: vectordb bench shards --out FOLDER");
            return 2;
        }
        Draw(results, folder);
        return 0;
    }

    static void Draw(IReadOnlyList<ShardsMeasurement> results, string folder)
    {
        foreach (var size in results.GroupBy(one => one.Dimensions))
        {
            Save(TimesOf(size.Key, [.. size]), $"shards-time-{size.Key}");
            Save(RecallOf(size.Key, [.. size]), $"shards-recall-{size.Key}");
        }
        Save(MemoryOf(results), "shards-memory");

        void Save(Plot plot, string name)
        {
            var path = Path.Combine(folder, name);
            plot.SavePng(path + ".png", Width, Height);
            plot.SaveSvg(path + ".svg", Width, Height);
            Console.WriteLine(path);
        }
    }

    static Plot TimesOf(int dimensions, IReadOnlyList<ShardsMeasurement> results)
    {
        var plot = NewPlot($"One search of {results[0].Points:N0} vectors of {dimensions} (logarithmic axes)", "time of a search", results);
        foreach (var (choice, (color, label)) in Choices)
        {
            var line = Of(results, choice);
            Add(plot, line.Select(one => (one.Shards, Math.Log10(one.MedianMs))), label + ", median", color);
            Add(plot, line.Select(one => (one.Shards, Math.Log10(one.P99Ms))), label + ", p99", color.WithAlpha(0.5), LinePattern.Dotted);
        }
        Add(plot, Prototype.SecondsOf(dimensions).Select(pair => (pair.Key, Math.Log10(pair.Value * 1000))),
            "prototype, as it recorded", PrototypeColor, LinePattern.Dashed);
        plot.Axes.Left.TickGenerator = Ticks(
            [(0, "1 ms"), (1, "10 ms"), (2, "100 ms"), (3, "1 s"), (4, "10 s"), (5, "100 s"), (-1, "0.1 ms")]);
        plot.Axes.SetLimitsY(-0.5, 4.9);
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    static Plot RecallOf(int dimensions, IReadOnlyList<ShardsMeasurement> results)
    {
        var plot = NewPlot($"Recall of {results[0].Points:N0} vectors of {dimensions}", "recall@10", results);
        foreach (var (choice, (color, label)) in Choices)
            Add(plot, Of(results, choice).Select(one => (one.Shards, one.Recall)), label, color);
        plot.Axes.SetLimitsY(0, 1.05);
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    static Plot MemoryOf(IReadOnlyList<ShardsMeasurement> results)
    {
        var plot = NewPlot($"Memory of all indexes, {results[0].Points:N0} vectors", "MB", results);
        var colors = new[] { Choices["1"].Color, Choices["all"].Color, Choices["auto"].Color };
        foreach (var (i, size) in results.GroupBy(one => one.Dimensions).Index())
            Add(plot, Of([.. size], "1").Select(one => (one.Shards, one.IndexBytes / 1e6)), $"{size.Key} numbers a vector",
                colors[i % colors.Length]);
        plot.Axes.SetLimitsY(0, results.Max(one => one.IndexBytes) / 1e6 * 1.1);
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    static IEnumerable<ShardsMeasurement> Of(IReadOnlyList<ShardsMeasurement> results, string choice) =>
        results.Where(one => one.Asked == choice).OrderBy(one => one.Shards);

    static Plot NewPlot(string title, string vertical, IReadOnlyList<ShardsMeasurement> results)
    {
        var plot = new Plot();
        plot.Title(title, size: 16);
        plot.XLabel("shards", size: 14);
        plot.YLabel(vertical, size: 14);
        var most = Math.Max(1, (int)Math.Ceiling(Math.Log2(results.Max(one => one.Shards))));
        plot.Axes.Bottom.TickGenerator = Ticks(Enumerable.Range(0, most + 1).Select(power => ((double)power, $"{1 << power}")));
        plot.Axes.SetLimitsX(-0.2, most + 0.2);
        return plot;
    }

    /// <summary>The library has no logarithmic axes: logarithms are drawn, and ticks say what they stand for.</summary>
    static NumericManual Ticks(IEnumerable<(double Position, string Label)> ticks)
    {
        var generator = new NumericManual();
        foreach (var (position, label) in ticks)
            generator.AddMajor(position, label);
        return generator;
    }

    static void Add(
        Plot plot, IEnumerable<(int Shards, double Value)> points, string label, Color color, LinePattern? pattern = null)
    {
        var line = points.ToList();
        if (line.Count == 0)
            return;
        var scatter = plot.Add.Scatter(
            line.Select(point => Math.Log2(point.Shards)).ToArray(), line.Select(point => point.Value).ToArray());
        scatter.LegendText = label;
        scatter.Color = color;
        scatter.LineWidth = 2;
        scatter.LinePattern = pattern ?? LinePattern.Solid;
        scatter.MarkerSize = pattern is null ? 7 : 5;
    }
}
