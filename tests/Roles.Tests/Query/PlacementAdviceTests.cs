using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.QueryApi;

namespace VectorDb.Roles.Tests.Query;

public sealed class PlacementAdviceTests
{
    static readonly CollectionState Trained = new()
    {
        Shape = new() { Dimensions = 1 },
        ShardCount = 4,
        Epoch = 1,
        CentroidShards = [0, 1, 2, 3],
        TrainedPoints = 2_000,
    };

    [Fact]
    public void CentroidsThatFit_NeedNoAdvice() =>
        Assert.Empty(PlacementAdvice.For(Trained with { TrainedPoints = 5_000 }, [5_000, 5_000, 5_000, 5_000], isMoving: false));

    [Fact]
    public void MoreThanFourTimesThePointsOfTheTraining_IsSaidWithBothNumbers()
    {
        var advice = PlacementAdvice.For(Trained, [12_500, 12_500, 12_500, 12_500], isMoving: false);
        Assert.Equal("The centroids were trained on 2,000 of now 50,000 points: POST /train", Assert.Single(advice));
        Assert.Empty(PlacementAdvice.For(Trained, [2_000, 2_000, 2_000, 2_000], isMoving: false));
    }

    [Fact]
    public void CentroidsSetByHand_DoNotAge() =>
        Assert.Empty(PlacementAdvice.For(Trained with { TrainedPoints = null }, [90_000, 90_000, 90_000, 90_000], isMoving: false));

    [Fact]
    public void OneShardFarAboveTheMean_IsNamed_ButNotWhilePointsMove()
    {
        var state = Trained with { TrainedPoints = 12_000 };
        Assert.Contains("Shard 2 holds 8,000 of 14,000 points, 2.3 times the mean",
            Assert.Single(PlacementAdvice.For(state, [2_000, 2_000, 8_000, 2_000], isMoving: false)));
        Assert.Empty(PlacementAdvice.For(state, [2_000, 2_000, 8_000, 2_000], isMoving: true));
        Assert.Empty(PlacementAdvice.For(state, [2_000, 2_000, 8_000, null], isMoving: false));
    }

    [Fact]
    public void ManyPointsWithoutCentroids_AreToldToTrain()
    {
        var state = Trained with { CentroidShards = [], Epoch = 0, TrainedPoints = null };
        Assert.Contains("5,000 points and no centroids, so searches ask all 4 shards",
            Assert.Single(PlacementAdvice.For(state, [1_250, 1_250, 1_250, 1_250], isMoving: false)));
        Assert.Empty(PlacementAdvice.For(state, [1_250, 1_250, 1_250, 1_249], isMoving: false));
        Assert.Empty(PlacementAdvice.For(state with { ShardCount = 1 }, [90_000], isMoving: false));
    }

    [Fact]
    public void StateKeptBeforeTheNumberWas_IsRead()
    {
        var state = JsonSerializer.Deserialize<CollectionState>("""{"Shape":{"Dimensions":3},"ShardCount":4,"Epoch":2,"Revision":5}""")!;
        Assert.Equal((2, null), (state.Epoch, state.TrainedPoints));
        var written = JsonSerializer.Serialize(state with { TrainedPoints = 7 });
        Assert.Equal(7, JsonSerializer.Deserialize<CollectionState>(written)!.TrainedPoints);
    }
}
