using System.Globalization;
using System.Text.Json;
using VectorDb.ServiceDefaults;

namespace VectorDb.Server.Benchmarking.Shards;

/// <summary>Prints results as they come: a table to read, or lines of JSON and nothing else.</summary>
public sealed class ShardsReport(TextWriter output, bool json, StepDisplay steps)
{
    public void Describe(ShardsWorkload workload)
    {
        steps.Clear();
        if (json)
            return;
        output.WriteLine($"{workload.Count:N0} vectors of {workload.Dimensions}, {workload.QueryCount:N0} queries, "
            + $"{Environment.ProcessorCount} cores. Recall of ten against an exact scan; the prototype asked one shard and told none.");
        output.WriteLine($"{"shards",6} {"asked",6} {"median ms",10} {"p99 ms",10} {"recall@10",10} "
            + $"{"index MB",9} {"process MB",11} {"prototype s",12}");
    }

    public void Add(ShardsMeasurement one)
    {
        steps.Clear();
        output.WriteLine(json ? JsonSerializer.Serialize(one, HttpJson.Options) : RowOf(one));
    }

    static string RowOf(ShardsMeasurement one)
    {
        var prototype = one.Asked == "1" && Prototype.SecondsOf(one.Dimensions).TryGetValue(one.Shards, out var seconds)
            ? seconds.ToString("0.00", CultureInfo.InvariantCulture)
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{one.Shards,6} {one.Asked,6} {one.MedianMs,10:0.00} {one.P99Ms,10:0.00} "
            + $"{one.Recall,10:0.0000} {one.IndexBytes / 1e6,9:0.0} {one.ProcessBytes / 1e6,11:0} {prototype,12}");
    }
}
