using VectorDb.IngestWorker.Choosing;

namespace VectorDb.Roles.Tests;

public sealed class AutoBoundTests
{
    [Fact]
    public void TheBound_LosesNoMoreNeighboursThanMayBeLost()
    {
        double[] shares = [.. Enumerable.Range(1, 4_000).Select(i => i * 1e-7)];
        new Random(1).Shuffle(shares);
        var bound = AutoBound.Find(shares);
        Assert.Equal(37e-7, bound, 1e-8);
        Assert.InRange(shares.Count(share => share >= bound) / 4_000.0, 0.99, 0.992);
    }

    [Fact]
    public void WhereEveryNeighbourIsInAShardThatIsAskedAnyway_LittleIsLeftOutAllTheSame() =>
        Assert.InRange(AutoBound.Find([.. Enumerable.Repeat(double.PositiveInfinity, 100)]), 1e-4, 0.1);

    [Fact]
    public void NeighboursThatNobodyExpected_AskAllShards() => Assert.Equal(0, AutoBound.Find([.. new double[100]]));

    [Fact]
    public void WithoutNeighbours_AutoStaysCareful() => Assert.Equal(AutoBound.Untried, AutoBound.Find([]));

    [Theory]
    [InlineData(false, new[] { 1f, 0.9f, 0.8f }, new[] { 0.95f, 0.1f }, new[] { 1, 0, 0, 1 })]
    [InlineData(true, new[] { 0f, 0.2f, 0.9f }, new[] { 0.1f, 0.5f }, new[] { 1, 0, 1, 0 })]
    public void ATrial_LeavesThePointItselfOut(bool isEuclid, float[] own, float[] other, int[] owners)
    {
        var search = new TrialSearch([0.6f, 0.8f], home: 0, isEuclid);
        search.Note(1, [.. other, float.NaN]);
        search.Note(0, own);
        Assert.Equal(owners, search.Owners());
    }

    [Fact]
    public void AnEqualPointElsewhere_IsANeighbour()
    {
        var search = new TrialSearch([1, 0], home: 3, isEuclid: false);
        search.Note(3, [1, 0.5f]);
        search.Note(4, [1, 0.9f]);
        Assert.Equal([4, 4, 3], search.Owners());
    }

    [Fact]
    public void AtMostTenNeighboursCount()
    {
        var search = new TrialSearch([1, 0], home: 0, isEuclid: false);
        search.Note(0, [.. Enumerable.Repeat(0.5f, TrialSearch.ScoresAsked)]);
        search.Note(1, [.. Enumerable.Repeat(0.6f, TrialSearch.ScoresAsked)]);
        Assert.Equal(Enumerable.Repeat(1, TrialSearch.Neighbors), search.Owners());
    }
}
