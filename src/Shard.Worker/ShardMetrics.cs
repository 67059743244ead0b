using System.Diagnostics;
using System.Diagnostics.Metrics;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>What a shard worker counts, and what its shards hold at the moment in which somebody looks.</summary>
public sealed class ShardMetrics : IHostedService
{
    static readonly Histogram<double> SearchDuration = Telemetry.Durations(
        "vectordb.shard.search.duration", "Time in which a shard answered the searches of one message.");

    static readonly Histogram<int> SearchSize = Telemetry.Sizes(
        "vectordb.shard.search.size", "{search}", "Searches in one message to a shard.");

    static readonly Histogram<double> CommitDuration = Telemetry.Durations(
        "vectordb.shard.commit.duration", "Time of one commit: rows, sync to disk, index.");

    static readonly Histogram<int> CommitSize = Telemetry.Sizes(
        "vectordb.shard.commit.changes", "{change}", "Messages whose changes were committed together.");

    static readonly Counter<long> FailedCommits = Telemetry.Meter.CreateCounter<long>(
        "vectordb.shard.commit.failed", "{commit}", "Commits that were rolled back; the messages are tried again.");

    readonly ShardSet _shards;

    public ShardMetrics(ShardSet shards, IMeterFactory meters)
    {
        _shards = shards;
        var meter = meters.Create(Telemetry.Name);
        Gauge("vectordb.shard.points", "{point}", "Live points.", stats => stats.Points);
        Gauge("vectordb.shard.directory_entries", "{entry}", "Ids whose home the shard is.", stats => stats.DirectoryEntries);
        Gauge("vectordb.shard.tombstones", "{tombstone}", "Deleted ids that are remembered.", stats => stats.Tombstones);
        Gauge("vectordb.shard.quarantined", "{row}", "Rows found damaged; storing them again replaces them.", stats => stats.Quarantined);
        Gauge("vectordb.shard.index.size", "By", "Memory of the index.", stats => stats.IndexBytes);
        Gauge("vectordb.shard.file.size", "By", "Size of the shard's file on disk.", stats => stats.FileBytes);

        void Gauge(string name, string unit, string description, Func<ShardStats, long> read) =>
            meter.CreateObservableGauge(name, () => Read(read), unit, description);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Times the answering of one message; dispose the result when it is answered.</summary>
    public static Timing Searching(int shard, int searches)
    {
        SearchSize.Record(searches, new KeyValuePair<string, object?>("shard", shard));
        var span = Telemetry.Activities.StartActivity("search shard")
            ?.SetTag("vectordb.shard", shard).SetTag("vectordb.searches", searches);
        return new(SearchDuration, shard, span);
    }

    /// <summary>Times one commit of the changes of some messages; dispose the result when it is on disk, or failed.</summary>
    public static Timing Committing(int shard, IReadOnlyCollection<Activity?> requests)
    {
        CommitSize.Record(requests.Count, new KeyValuePair<string, object?>("shard", shard));
        var span = Telemetry.StartShared("commit", requests)
            ?.SetTag("vectordb.shard", shard).SetTag("vectordb.changes", requests.Count);
        return new(CommitDuration, shard, span);
    }

    public static void CommitFailed(int shard) => FailedCommits.Add(1, new KeyValuePair<string, object?>("shard", shard));

    IEnumerable<Measurement<long>> Read(Func<ShardStats, long> read)
    {
        foreach (var shard in _shards.Open)
        {
            long value;
            try
            {
                value = read(shard.Engine.Stats);
            }
            catch (Exception e) when (e is ShardException or ObjectDisposedException)
            {
                // It is being closed, or must be opened again: readiness says so, and a scrape of the others goes on.
                continue;
            }
            yield return new(value, new KeyValuePair<string, object?>("shard", shard.Number));
        }
    }

    /// <summary>A span and a duration that end together.</summary>
    public readonly struct Timing(Histogram<double> durations, int shard, Activity? span) : IDisposable
    {
        readonly long _start = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            durations.Record(
                Stopwatch.GetElapsedTime(_start).TotalSeconds, new KeyValuePair<string, object?>("shard", shard));
            span?.Dispose();
        }
    }
}
