using VectorDb.Contracts;
using VectorDb.IngestWorker;
using VectorDb.IngestWorker.Choosing;
using VectorDb.ShardWorker.Sketching;

namespace VectorDb.Roles.Tests;

/// <summary>Which shards a search asks when their sketches are known. One cluster a shard, along an axis of its own.</summary>
public sealed class ShardChoiceTests
{
    const int Shards = 4;
    const int Dimensions = 16;
    const int RowsPerShard = 200;

    readonly Clusters _clusters = new(11, Dimensions);
    readonly SketchBook _book = new();

    [Theory]
    [InlineData("Cosine")]
    [InlineData("Dot")]
    [InlineData("Euclid")]
    public void QueryInAClearCluster_AsksItsShardOnly(string metric)
    {
        var router = Router(metric);
        SketchAll();
        for (var shard = 0; shard < Shards; shard++)
            Assert.Equal([shard], router.Choose(_clusters.Near(_clusters.Axis(shard)), SearchQuestion.AutoShards, 10));
    }

    [Theory]
    [InlineData("Cosine")]
    [InlineData("Euclid")]
    public void QueryBetweenTwoClusters_AsksBoth(string metric)
    {
        var router = Router(metric);
        SketchAll();
        float[] between = [.. _clusters.Axis(1).Zip(_clusters.Axis(2), (left, right) => (left + right) / 1.4142f)];
        Assert.Equal([1, 2], router.Choose(between, SearchQuestion.AutoShards, 10).Order());
    }

    [Fact]
    public void MoreWantedThanAShardHas_AsksOthersToo()
    {
        var router = Router("Cosine");
        SketchAll();
        var query = _clusters.Axis(0);
        Assert.Single(router.Choose(query, SearchQuestion.AutoShards, 10));
        Assert.True(router.Choose(query, SearchQuestion.AutoShards, RowsPerShard + 50).Length > 1);
        Assert.Equal(Shards, router.Choose(query, SearchQuestion.AutoShards, 2 * Shards * RowsPerShard).Length);
    }

    [Fact]
    public void ShardWithoutSketch_IsAlwaysAsked()
    {
        var router = Router("Cosine");
        Assert.Equal([0, 1, 2, 3], router.Choose(_clusters.Axis(0), SearchQuestion.AutoShards, 10).Order());
        foreach (var shard in new[] { 0, 1, 3 })
            _book.Note(Sketch(shard, epoch: 1));
        Assert.Equal([0, 2], router.Choose(_clusters.Axis(0), SearchQuestion.AutoShards, 10));
    }

    [Fact]
    public void SketchOfOtherCentroidsOrOfVectorsOfAnotherSize_IsNone()
    {
        var router = Router("Cosine");
        SketchAll();
        _book.Note(Sketch(2, epoch: 2));
        _book.Note(ShardSketch.Make([[1, 2]], 1, 1, CancellationToken.None).ToMessage(new(3, Guid.NewGuid(), 1, 1)));
        Assert.Equal([0, 2, 3], router.Choose(_clusters.Axis(0), SearchQuestion.AutoShards, 10).Order());
    }

    [Fact]
    public void WhileRowsMove_AllAreAsked()
    {
        SketchAll();
        var state = State("Cosine");
        var past = new PastPlacement { Epoch = 0, CentroidShards = state.CentroidShards, Centroids = state.Centroids };
        var router = new ShardRouter(state with { Previous = [past] }, _book);
        Assert.Equal(Shards, router.Choose(_clusters.Axis(0), SearchQuestion.AutoShards, 10).Length);
    }

    [Fact]
    public void OwnerOfThePlaceOfTheQuery_IsAskedFirstWhateverSketchesSay()
    {
        var router = Router("Cosine");
        // Shard 3 has nothing near its own centroid yet, so nothing but its centroid speaks for it.
        foreach (var shard in new[] { 0, 1, 2 })
            _book.Note(Sketch(shard, epoch: 1));
        _book.Note(Sketch(3, epoch: 1, axis: 0));
        var query = _clusters.Axis(3);
        Assert.Equal(3, router.Choose(query, SearchQuestion.AutoShards, 10)[0]);
        Assert.Equal([3], router.Choose(query, 1, 10));
        Assert.Equal(3, router.Choose(query, 2, 10)[0]);
    }

    [Fact]
    public void NumberOfShards_KeepsToTheNearestCentroidsHoweverManyPointsAreWanted()
    {
        // Shard 3 has rows where shard 0 is, of which its centroid knows nothing.
        float[] query = [.. _clusters.Axis(0).Zip(_clusters.Axis(1), (first, second) => first + 0.2f * second)];
        var router = Router("Cosine");
        Assert.Equal([0, 1], router.Choose(query, 2, 10));
        for (var shard = 0; shard < 3; shard++)
            _book.Note(Sketch(shard, epoch: 1));
        Assert.Equal([0, 1], router.Choose(query, 2, 10));
        _book.Note(Sketch(3, epoch: 1, axis: 0));
        Assert.Equal([0, 1], router.Choose(query, 2, 10));
        Assert.Equal([0, 1], router.Choose(query, 2, 1_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(300)]
    public void ExpectedHits_AddUpToWhatIsWanted(int wanted)
    {
        SketchAll();
        var ranked = _book.GuessOf(State("Cosine")).Rank(_clusters.Near(_clusters.Axis(2)), wanted);
        Assert.Equal(2, ranked[0].Shard);
        Assert.Equal(wanted, ranked.Sum(shard => shard.Hits), wanted * 0.01);
    }

    [Fact]
    public void ExpectedHits_ComeNearTheTrueOnes()
    {
        for (var shard = 0; shard < Shards; shard++)
        {
            var rows = _clusters.Many(_clusters.Axis(shard / 2), RowsPerShard * (1 + shard));
            _book.Note(ShardSketch.Make(rows, rows.Length, 1, CancellationToken.None).ToMessage(new(shard, Guid.Empty, 1, 1)));
        }
        var sums = new double[Shards];
        for (var i = 0; i < 50; i++)
            foreach (var (shard, hits) in _book.GuessOf(State("Cosine")).Rank(_clusters.Near(_clusters.Axis(0)), 30))
                sums[shard] += hits / 50;
        // Shard 1 has twice the rows of shard 0 in the same place, the others are elsewhere.
        Assert.InRange(sums[0], 7, 13);
        Assert.InRange(sums[1], 17, 23);
        Assert.True(sums[2] + sums[3] < 0.1, $"{sums[2]} {sums[3]}");
    }

    void SketchAll()
    {
        for (var shard = 0; shard < Shards; shard++)
            _book.Note(Sketch(shard, epoch: 1));
    }

    ShardSketched Sketch(int shard, int epoch, int? axis = null) => ShardSketch
        .Make(_clusters.Many(_clusters.Axis(axis ?? shard), RowsPerShard), RowsPerShard, seed: 1, CancellationToken.None)
        .ToMessage(new(shard, Guid.NewGuid(), Revision: 1, epoch));

    ShardRouter Router(string metric) => new(State(metric), _book);

    CollectionState State(string metric)
    {
        var state = Wire.State(Shards, [.. Enumerable.Range(0, Shards).Select(shard => (shard, _clusters.Axis(shard)))]);
        return state with { Shape = state.Shape with { Metric = metric } };
    }
}
