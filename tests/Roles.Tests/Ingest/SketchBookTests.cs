using VectorDb.Contracts;
using VectorDb.IngestWorker.Choosing;
using VectorDb.ShardWorker.Sketching;

namespace VectorDb.Roles.Tests;

public sealed class SketchBookTests
{
    readonly SketchBook _book = new();
    readonly Guid _life = Guid.NewGuid();

    [Fact]
    public void WithinALife_TheHigherRevisionStays()
    {
        _book.Note(Sketch(2, _life, 7));
        _book.Note(Sketch(2, _life, 6));
        Assert.Equal([0, 0, 7], _book.Revisions());
        _book.Note(Sketch(2, _life, 8));
        Assert.Equal([0, 0, 8], _book.Revisions());
    }

    [Fact]
    public void AnotherLife_ReplacesWhateverItsRevisionIs()
    {
        _book.Note(Sketch(0, _life, 7));
        _book.Note(Sketch(0, Guid.NewGuid(), 3));
        Assert.Equal([3], _book.Revisions());
    }

    [Fact]
    public void SketchThatDoesNotFitTogether_LeavesItsShardUnknown()
    {
        var state = Wire.State(1, (0, [1, 0, 0]));
        var whole = Sketch(0, _life, 2);
        ShardSketched[] torn =
        [
            whole with { Means = whole.Means[2..] },
            whole with { Spreads = whole.Spreads[4..] },
            whole with { Counts = [] },
            whole with { Axes = [1, 2] },
            whole with { AxisScales = [1, 2, 3, 4] },
            whole with { Center = [] },
            whole with { MeanScales = whole.MeanScales[4..] },
            whole with { AxisShares = [1, 2, 3] },
            whole with { Dimensions = 0 },
            whole with { Dimensions = 5 },
        ];
        foreach (var sketch in torn)
        {
            _book.Note(Sketch(0, _life, 1));
            Assert.True(_book.GuessOf(state).Knows(0));
            _book.Note(sketch);
            Assert.False(_book.GuessOf(state).Knows(0));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Limits.ShardsMax)]
    public void ShardThatCannotBe_IsIgnored(int shard)
    {
        _book.Note(Sketch(shard, _life, 1));
        Assert.Empty(_book.Revisions());
    }

    static ShardSketched Sketch(int shard, Guid life, long revision) => ShardSketch
        .Make([[1, 0, 0], [0, 1, 0]], 2, seed: 1, CancellationToken.None).ToMessage(new(shard, life, revision, Epoch: 1));
}
