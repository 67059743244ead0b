using System.Globalization;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>Says when centroids no longer fit what is stored. Advice only: nothing is wrong with the points or the answers. Pure.</summary>
public static class PlacementAdvice
{
    /// <summary>Below this a search of all shards takes no longer than one of a few, so that centroids hardly matter.</summary>
    public const long PointsMin = 5_000;

    /// <summary>A guess: with four times the points, three of four have had no say in where the borders run.</summary>
    public const int GrowthMax = 4;

    /// <summary>`described`: what the shards say of themselves, null for one that does not answer.</summary>
    public static IReadOnlyList<string> For(CollectionState state, IReadOnlyList<ShardDescribed?> described) =>
        [.. OfCentroids(state, described.Sum(shard => shard?.Points ?? 0)), .. OfBalance(state, described)];

    static string[] OfBalance(CollectionState state, IReadOnlyList<ShardDescribed?> described) =>
        ShardBalance.Of(described, state)?.Advice is { } advice ? [advice] : [];

    static string[] OfCentroids(CollectionState state, long total)
    {
        if (state.ShardCount < 2 || total < PointsMin)
            return [];
        if (state.CentroidShards.Length == 0)
            return [Format($"There are {total:N0} points and no centroids, so searches ask all {state.ShardCount} shards: POST /train")];
        return state.TrainedPoints is > 0 and var trained && total > GrowthMax * trained
            ? [Format($"The centroids were trained on {trained:N0} of now {total:N0} points: POST /train")]
            : [];
    }

    static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
