using System.Globalization;

namespace VectorDb.Benchmarks.Routing;

/// <summary>What the routing benchmark is asked to measure.</summary>
sealed record RoutingOptions
{
    public const string Usage = "VectorDb.Benchmarks routing --base FILE.npy [--queries FILE.npy] [--shards 4,16,64,256] [--query-count N] "
        + "[--skip N] [--limit N] [--metric Cosine|Dot|Euclid] [--seed N] [--sample SHARE]";

    public required string Base { get; init; }

    /// <summary>A file of its own for the queries; null draws them from the base.</summary>
    public string? Queries { get; init; }

    public int[] Shards { get; init; } = [4, 16, 64, 256];

    public int QueryCount { get; init; } = 1_000;

    /// <summary>Rows of the base to leave out at its beginning.</summary>
    public int Skip { get; init; }

    public int Limit { get; init; } = int.MaxValue;

    public string Metric { get; init; } = "Cosine";

    public int Seed { get; init; } = 1;

    /// <summary>The part of all rows that centroids are trained from; more where `POST /train` draws more.</summary>
    public double Sample { get; init; } = 0.1;

    /// <summary>Null where the base is missing or an option is unknown or malformed.</summary>
    public static RoutingOptions? Read(string[] args)
    {
        var options = new RoutingOptions { Base = "" };
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var value = args[i + 1];
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
            switch (args[i])
            {
                case "--base": options = options with { Base = value }; break;
                case "--queries": options = options with { Queries = value }; break;
                case "--metric" when value is "Cosine" or "Dot" or "Euclid": options = options with { Metric = value }; break;
                case "--query-count" when number > 0: options = options with { QueryCount = number }; break;
                case "--skip" when number >= 0: options = options with { Skip = number }; break;
                case "--limit" when number > 0: options = options with { Limit = number }; break;
                case "--seed" when number >= 0: options = options with { Seed = number }; break;
                case "--sample" when Share(value) is { } share: options = options with { Sample = share }; break;
                case "--shards" when Numbers(value) is { } shards: options = options with { Shards = shards }; break;
                default: return null;
            }
        }
        return args.Length % 2 == 0 && options.Base.Length > 0 ? options : null;
    }

    static double? Share(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1 ? share : null;

    static int[]? Numbers(string list)
    {
        var numbers = list.Split(',')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).ToList();
        return numbers.All(n => n is > 0 and <= Contracts.Limits.ShardsMax) ? [.. numbers] : null;
    }
}
