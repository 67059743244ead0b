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

    /// <summary>Training keeps shards below 1.12 times the mean of its sample; this leaves room for chance.</summary>
    public const double ImbalanceMax = 1.5;

    /// <summary>
    /// `points`: of each shard, null for one that does not answer; `isMoving`: counts are on their way to what they will be.
    /// </summary>
    public static IReadOnlyList<string> For(CollectionState state, IReadOnlyList<long?> points, bool isMoving)
    {
        var total = points.Sum(count => count ?? 0);
        if (state.ShardCount < 2 || total < PointsMin)
            return [];
        if (state.CentroidShards.Length == 0)
            return [Format($"There are {total:N0} points and no centroids, so searches ask all {state.ShardCount} shards: POST /train")];
        var advice = new List<string>();
        if (state.TrainedPoints is > 0 and var trained && total > GrowthMax * trained)
            advice.Add(Format($"The centroids were trained on {trained:N0} of now {total:N0} points: POST /train"));
        if (!isMoving && points.All(count => count is not null))
        {
            var largest = Enumerable.Range(0, points.Count).MaxBy(shard => points[shard]);
            var times = (double)points[largest]! / total * points.Count;
            if (times > ImbalanceMax && points[largest] >= PointsMin)
                advice.Add(Format(
                    $"Shard {largest} holds {points[largest]:N0} of {total:N0} points, {times:0.0} times the mean: POST /train"));
        }
        return advice;
    }

    static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
