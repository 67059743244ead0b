using System.Text.Json;
using VectorDb.IngestWorker.Loading;
using VectorDb.ServiceDefaults;

namespace VectorDb.Server.Benchmarking.Shards;

/// <summary>Searches of one system: so many shards, so many of them asked.</summary>
public sealed record ShardsMeasurement
{
    public required int Dimensions { get; init; }

    public required int Points { get; init; }

    /// <summary>Shards that the points are spread over.</summary>
    public required int Shards { get; init; }

    /// <summary>As a search says it: "1", "auto" or "all".</summary>
    public required string Asked { get; init; }

    /// <summary>Shards that were really asked, mean of the searches.</summary>
    public required double AskedMean { get; init; }

    /// <summary>Milliseconds of one search over HTTP, the vector given, one at a time.</summary>
    public required double MedianMs { get; init; }

    public required double P99Ms { get; init; }

    /// <summary>Share of the ten exact nearest that were found; mean of the searches.</summary>
    public required double Recall { get; init; }

    /// <summary>Bytes of all shards' indexes in memory.</summary>
    public required long IndexBytes { get; init; }

    /// <summary>Bytes of the whole process that the system shares with the benchmark, whose vectors are in it.</summary>
    public required long ProcessBytes { get; init; }

    /// <summary>Bytes on disk.</summary>
    public required long FileBytes { get; init; }

    public bool IsOf(ShardsMeasurement other) => Dimensions == other.Dimensions && Shards == other.Shards && Asked == other.Asked;
}

/// <summary>
/// The results in a folder: a line of JSON each. Running the benchmark again replaces what it measures and keeps the rest, so that
/// several runs make one plot.
/// </summary>
public static class ShardsResults
{
    const string File = "shards.jsonl";

    /// <summary>Empty where there are none.</summary>
    public static IReadOnlyList<ShardsMeasurement> Read(string folder)
    {
        var path = Path.Combine(folder, File);
        return System.IO.File.Exists(path)
            ? [.. System.IO.File.ReadAllLines(path).Select(line => JsonSerializer.Deserialize<ShardsMeasurement>(line, HttpJson.Options)!)]
            : [];
    }

    /// <summary>In place of the one before of the same size, shards and choice.</summary>
    public static void Add(string folder, ShardsMeasurement measured)
    {
        var path = Path.Combine(folder, File);
        try
        {
            Directory.CreateDirectory(folder);
            var all = Read(folder).Where(old => !old.IsOf(measured)).Append(measured)
                .OrderBy(one => one.Dimensions).ThenBy(one => one.Shards).ThenBy(one => one.Asked, StringComparer.Ordinal);
            System.IO.File.WriteAllLines(path, all.Select(one => JsonSerializer.Serialize(one, HttpJson.Options)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CommandFailure($"{path} cannot be read and written ({e.Message}). Name another folder with --out.", e);
        }
    }
}
