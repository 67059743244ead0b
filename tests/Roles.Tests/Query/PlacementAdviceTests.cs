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
        Assert.Empty(Advice(Trained with { TrainedPoints = 5_000 }, 5_000, 5_000, 5_000, 5_000));

    [Fact]
    public void MoreThanFourTimesThePointsOfTheTraining_IsSaidWithBothNumbers()
    {
        var advice = Advice(Trained, 12_500, 12_500, 12_500, 12_500);
        Assert.Equal("The centroids were trained on 2,000 of now 50,000 points: POST /train", Assert.Single(advice));
        Assert.Empty(Advice(Trained, 2_000, 2_000, 2_000, 2_000));
    }

    [Fact]
    public void CentroidsSetByHand_DoNotAge() =>
        Assert.Empty(Advice(Trained with { TrainedPoints = null }, 90_000, 90_000, 90_000, 90_000));

    [Fact]
    public void OneShardFarAboveTheMean_IsNamed_ButNotWhilePointsMove()
    {
        var state = Trained with { TrainedPoints = 12_000 };
        Assert.Equal("Shard 2 holds 2.3 times the mean: POST /train, or vectordb shards add 1.",
            Assert.Single(Advice(state, 2_000, 2_000, 8_000, 2_000)));
        Assert.Empty(Advice(state with { Previous = [new() { Epoch = 0 }] }, 2_000, 2_000, 8_000, 2_000));
        Assert.Empty(Advice(state, 2_000, 2_000, 8_000, null));
    }

    [Fact]
    public void ManyPointsWithoutCentroids_AreToldToTrain()
    {
        var state = Trained with { CentroidShards = [], Epoch = 0, TrainedPoints = null };
        Assert.Contains("5,000 points and no centroids, so searches ask all 4 shards",
            Assert.Single(Advice(state, 1_250, 1_250, 1_250, 1_250)));
        Assert.Empty(Advice(state, 1_250, 1_250, 1_250, 1_249));
        Assert.Empty(Advice(state with { ShardCount = 1 }, 90_000));
    }

    [Fact]
    public void StateKeptBeforeTheNumberWas_IsRead()
    {
        var state = JsonSerializer.Deserialize<CollectionState>("""{"Shape":{"Dimensions":3},"ShardCount":4,"Epoch":2,"Revision":5}""")!;
        Assert.Equal((2, null), (state.Epoch, state.TrainedPoints));
        var written = JsonSerializer.Serialize(state with { TrainedPoints = 7 });
        Assert.Equal(7, JsonSerializer.Deserialize<CollectionState>(written)!.TrainedPoints);
    }

    static IReadOnlyList<string> Advice(CollectionState state, params long?[] points) => PlacementAdvice.For(
        state, [.. points.Select((count, shard) => count is { } known ? Described(shard, known) : null)]);

    static ShardDescribed Described(int shard, long points) => new()
    {
        Shard = shard,
        Points = points,
        DirectoryEntries = points,
        Tombstones = 0,
        Quarantined = 0,
        IndexBytes = 0,
        FileBytes = 0,
    };
}
