using System.Diagnostics.Metrics;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>What an API process counts.</summary>
public static class QueryMetrics
{
    static readonly Histogram<double> SearchDuration = Telemetry.Durations(
        "vectordb.search.duration", "Time of a search as the API sees it, from the request to the merged answer.");

    static readonly Counter<long> PartialSearches = Telemetry.Meter.CreateCounter<long>(
        "vectordb.search.partial", "{search}", "Searches answered without the part of some shard.");

    static readonly Counter<long> MissingParts = Telemetry.Meter.CreateCounter<long>(
        "vectordb.search.missing_parts", "{part}", "Parts that a shard did not deliver by the deadline.");

    static readonly UpDownCounter<long> PendingPoints = Telemetry.Meter.CreateUpDownCounter<long>(
        "vectordb.write.pending", "{point}", "Points that this process has sent and not heard of yet.");

    static readonly Counter<long> RejectedPoints = Telemetry.Meter.CreateCounter<long>(
        "vectordb.write.rejected", "{point}", "Points that a router refused after the API had accepted them.");

    public static void Searched(SearchParts parts, TimeSpan duration)
    {
        SearchDuration.Record(duration.TotalSeconds);
        if (!parts.IsPartial)
            return;
        PartialSearches.Add(1);
        foreach (var shard in parts.Asked.Except(parts.Parts.Select(part => part.Shard)))
            MissingParts.Add(1, new KeyValuePair<string, object?>("shard", shard));
    }

    /// <summary>`points`: negative when they are done.</summary>
    public static void Pending(int points) => PendingPoints.Add(points);

    public static void Rejected(int points) => RejectedPoints.Add(points);
}
