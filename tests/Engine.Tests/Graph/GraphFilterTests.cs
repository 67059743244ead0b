using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Graph;

public sealed class GraphFilterTests(GraphFilterTests.Indexed indexed) : IClassFixture<GraphFilterTests.Indexed>
{
    const int Count = 12_000;
    const int Dimensions = 64;

    readonly Clusters _clusters = indexed.Clusters;
    readonly IndexedVectors _vectors = indexed.Vectors;

    /// <summary>Built once: nothing here changes it.</summary>
    public sealed class Indexed : IDisposable
    {
        internal Clusters Clusters { get; } = new(seed: 5, Dimensions);

        internal IndexedVectors Vectors { get; } = new(Dimensions, Metric.Cosine, new GraphOptions { FlatBelow = 0 });

        public Indexed()
        {
            for (var first = 0; first < Count; first += 1000)
                Vectors.Add(first, Clusters.Many(1000));
        }

        public void Dispose() => Vectors.Dispose();
    }

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
