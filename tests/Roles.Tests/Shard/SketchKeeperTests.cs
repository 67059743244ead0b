using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Sketching;
using VectorDb.TestKit;

namespace VectorDb.Roles.Tests;

public sealed class SketchKeeperTests : IDisposable
{
    const int Dimensions = 8;
    const int Rows = 100;

    static readonly CollectionShape Shape = new() { Dimensions = Dimensions };

    readonly TempFolder _folder = new();
    readonly Clusters _clusters = new(2, Dimensions);
    readonly Engine.Shard _shard;
    readonly SketchKeeper _keeper = new(0);

    public SketchKeeperTests()
    {
        _shard = Engine.Shard.Open(new() { Path = Path.Combine(_folder.Path, "shard_0.sqlite3"), Number = 0 }, Stop);
        _shard.Write(transaction =>
        {
            transaction.DefineSchema(new(Dimensions, Metric.Cosine));
            for (var i = 0; i < Rows; i++)
                transaction.Upsert(new() { Key = VectorGen.Key(i), Version = 1, Vector = _clusters.Near(_clusters.Axis(0)) });
            return true;
        });
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _shard.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Sketch_IsToldOnce()
    {
        Assert.Null(_keeper.Untold(1, 1_000));
        Assert.Null(_keeper.InsteadOf(0, hasReplicas: false));
        _keeper.Make(_shard, 1, Stop);
        Assert.Null(_keeper.Untold(2, 1_000));
        var told = _keeper.Untold(1, 1_000)!;
        Assert.Equal((0, 1_000, 1, Dimensions), (told.Shard, told.Revision, told.Epoch, told.Dimensions));
        Assert.Equal(Rows, VectorBytes.ToFloats(told.Counts).Sum());
        Assert.Null(_keeper.Untold(1, 2_000));
    }

    [Fact]
    public void NewRows_AreToldWhenTheyAreManyOrUnlikeTheOthers()
    {
        _keeper.Make(_shard, 1, Stop);
        _keeper.Untold(1, 1_000);
        _keeper.Note(Shape, [_clusters.Near(_clusters.Axis(0), 0.1f)]);
        Assert.Null(_keeper.Untold(1, 2_000));
        _keeper.Note(Shape, [_clusters.Axis(5)]);
        Assert.Equal(2_000, _keeper.Untold(1, 2_000)!.Revision);
        _keeper.Note(Shape, Enumerable.Repeat(_clusters.Axis(0), 5));
        // The clock was set back: a later sketch has the higher revision all the same.
        var told = _keeper.Untold(1, 1_500)!;
        Assert.Equal(2_001, told.Revision);
        Assert.Equal(Rows + 7, VectorBytes.ToFloats(told.Counts).Sum());
    }

    [Fact]
    public void VectorsAsTheyWereSent_AreNormalisedForCosine()
    {
        _keeper.Make(_shard, 1, Stop);
        _keeper.Untold(1, 1_000);
        _keeper.Note(Shape, [[.. _clusters.Axis(0).Select(x => 50 * x)]]);
        Assert.Null(_keeper.Untold(1, 2_000));
    }

    [Fact]
    public void Making_IsDueAfterAQuarterHasChanged()
    {
        Assert.True(_keeper.IsDue(Rows, 1));
        _keeper.Make(_shard, 1, Stop);
        Assert.False(_keeper.IsDue(Rows, 1));
        Assert.True(_keeper.IsDue(Rows, 2));
        Assert.True(_keeper.IsDue(Rows / 2, 1));
        _keeper.Note(Shape, Enumerable.Repeat(_clusters.Axis(0), Rows / 4));
        Assert.False(_keeper.IsDue(Rows, 1));
        _keeper.Note(Shape, [_clusters.Axis(0)]);
        Assert.True(_keeper.IsDue(Rows, 1));
    }

    [Fact]
    public void RouterWithAnotherRevision_GetsThisOne()
    {
        _keeper.Make(_shard, 1, Stop);
        _keeper.Untold(1, 1_000);
        Assert.Equal(1_000, _keeper.InsteadOf(0, hasReplicas: false)!.Revision);
        Assert.Equal(1_000, _keeper.InsteadOf(999, hasReplicas: true)!.Revision);
        Assert.Equal(1_000, _keeper.InsteadOf(1_001, hasReplicas: false)!.Revision);
        Assert.Null(_keeper.InsteadOf(1_000, hasReplicas: false));
        Assert.Null(_keeper.InsteadOf(1_001, hasReplicas: true));
    }
}
