using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Graph;

public sealed class GraphFilterTests(GraphFilterTests.Indexed indexed)
    : FilterTests(indexed), IClassFixture<GraphFilterTests.Indexed>
{
    public sealed class Indexed() : FilteredVectors(isCompact: false);
}

public sealed class CompactFilterTests(CompactFilterTests.Indexed indexed)
    : FilterTests(indexed), IClassFixture<CompactFilterTests.Indexed>
{
    public sealed class Indexed() : FilteredVectors(isCompact: true);
}

/// <summary>Built once a kind: no test changes it.</summary>
public abstract class FilteredVectors : IDisposable
{
    public const int Count = 12_000;
    public const int Dimensions = 64;

    protected FilteredVectors(bool isCompact)
    {
        Vectors = new(Dimensions, Metric.Cosine, new GraphOptions { FlatBelow = 0, IsCompact = isCompact });
        for (var first = 0; first < Count; first += 1000)
            Vectors.Add(first, Clusters.Many(1000));
    }

    internal Clusters Clusters { get; } = new(seed: 5, Dimensions);

    internal IndexedVectors Vectors { get; }

    public void Dispose()
    {
        Vectors.Dispose();
        GC.SuppressFinalize(this);
    }
}

public abstract class FilterTests(FilteredVectors indexed)
{
    const int Count = FilteredVectors.Count;

    readonly Clusters _clusters = indexed.Clusters;
    readonly IndexedVectors _vectors = indexed.Vectors;

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    [InlineData(0.001)]
    public void AnyShareOfTheSlots_IsSearchedWell(double share)
    {
        var random = new Random(7);
        var live = Where(_ => random.NextDouble() < share);
        Assert.InRange(_vectors.Recall(_clusters.Many(50), among: live), 0.95, 1);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    [InlineData(0.001)]
    public void SlotsFarFromTheQuery_AreFoundAsWell(double share)
    {
        var query = _clusters.Next(0);
        var byDistance = _vectors.Slots.OrderBy(slot => Product(query, _vectors.Vector(slot))).Take((int)(share * Count)).ToArray();
        Assert.InRange(_vectors.Recall([query], among: LiveSlots.Empty.With(byDistance, [])), 0.9, 1);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    public void SlotsNearTheQuery_AreFoundAsWell(double share)
    {
        var query = _clusters.Next(0);
        var byDistance = _vectors.Slots.OrderBy(slot => -Product(query, _vectors.Vector(slot))).Take((int)(share * Count)).ToArray();
        Assert.InRange(_vectors.Recall([query], among: LiveSlots.Empty.With(byDistance, [])), 0.9, 1);
    }

    LiveSlots Where(Func<int, bool> condition) => LiveSlots.Empty.With([.. Enumerable.Range(0, Count).Where(condition)], []);

    static float Product(float[] left, float[] right) => left.Zip(right, (x, y) => x * y).Sum();
}
