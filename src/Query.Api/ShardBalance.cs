using System.Globalization;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>How evenly points are spread, and what to do when they are not.</summary>
/// <param name="Shard">The shard that holds most.</param>
/// <param name="TimesMean">How much more that is than the mean.</param>
/// <param name="Advice">What to do; null where there is nothing.</param>
public sealed record ShardBalance(int Shard, double TimesMean, string? Advice)
{
    /// <summary>Training keeps shards below; what has grown beyond has outgrown its centroids.</summary>
    const double TimesMeanMax = 1.3;

    /// <summary>A guess: below, no search is slow because of it, and chance alone makes such differences.</summary>
    const long PointsMin = 3_000;

    /// <summary>`described`: the shards' answers in order. Null while one has not answered, or nothing is stored.</summary>
    public static ShardBalance? Of(IReadOnlyList<ShardDescribed?> described, CollectionState? state)
    {
        if (state is null || described.Count < state.ShardCount || described.Any(shard => shard is null))
            return null;
        var shards = described.Take(state.ShardCount).Select(shard => shard!).ToList();
        var mean = shards.Average(shard => shard.Points);
        if (mean == 0)
            return null;
        var largest = shards.MaxBy(shard => shard.Points)!;
        var times = Math.Round(largest.Points / mean, 2);
        return new(largest.Shard, times, AdviceOf(largest, largest.Points / mean, state));
    }

    /// <summary>None while points are on their way: it would be of yesterday.</summary>
    static string? AdviceOf(ShardDescribed largest, double times, CollectionState state) =>
        times <= TimesMeanMax || largest.Points < PointsMin || state.Change is not null || state.Previous.Count > 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Shard {largest.Shard} holds {times:0.0} times the mean: POST /train, or vectordb shards add 1.");
}
