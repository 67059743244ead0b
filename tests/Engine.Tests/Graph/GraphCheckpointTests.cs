using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Graph;

public class GraphCheckpointTests : IDisposable
{
    const int Dimensions = 72;

    GraphOptions Walking => new() { FlatBelow = 0, Threads = 1, IsCompact = IsCompact };

    protected virtual bool IsCompact => false;

    readonly string _folder = Directory.CreateTempSubdirectory("vectordb-checkpoint").FullName;
    readonly Clusters _clusters = new(seed: 30, Dimensions);

    string FilePath => Path.Combine(_folder, "shard-0.graph");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    public void ASavedGraph_AnswersAndGrowsAsBefore(Metric metric)
    {
        using var vectors = new IndexedVectors(Dimensions, metric, Walking);
        vectors.Add(0, _clusters.Many(2500));
        vectors.Remove([.. Enumerable.Range(100, 450)]);
        GraphCheckpoint.Save(vectors.Graph, FilePath, sequence: 77);
        using var loaded = new GraphIndex(Dimensions, metric, Walking);
        Assert.Equal(77, GraphCheckpoint.Load(loaded, FilePath));
        Assert.Equal(vectors.Graph.Graph!.LiveCount, loaded.Graph!.LiveCount);
        Assert.Equal(vectors.Graph.Graph.RemovedCount, loaded.Graph.RemovedCount);
        var query = _clusters.Next();
        Assert.InRange(Common(vectors.Graph, loaded, vectors.Live, query), 8, 10);
        int[] slots = [.. Enumerable.Range(100, 50)];
        loaded.Add(slots, _clusters.Many(50).SelectMany(x => x).ToArray());
        loaded.Remove(slots);
        Assert.Equal(vectors.Graph.Graph.LiveCount, loaded.Graph.LiveCount);
    }

    [Fact]
    public void ATornOrChangedFile_IsRefusedAndTheIndexStaysEmpty()
    {
        using (var vectors = new IndexedVectors(Dimensions, Metric.Cosine, Walking))
        {
            vectors.Add(0, _clusters.Many(200));
            GraphCheckpoint.Save(vectors.Graph, FilePath, sequence: 1);
        }
        var whole = File.ReadAllBytes(FilePath);
        var random = new Random(3);
        for (var i = 0; i < 40; i++)
        {
            var bytes = whole.ToArray();
            if (i % 2 == 0)
                bytes[i < 20 ? random.Next(96) : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            else
                bytes = bytes[..random.Next(bytes.Length)];
            if (bytes.AsSpan().SequenceEqual(whole))
                continue;
            File.WriteAllBytes(FilePath, bytes);
            using var index = new GraphIndex(Dimensions, Metric.Cosine, Walking);
            var error = Assert.Throws<InvalidDataException>(() => GraphCheckpoint.Load(index, FilePath));
            Assert.Contains("rebuilt", error.Message);
            Assert.False(index.IsServing);
            index.Add([0], _clusters.Next());
        }
    }

    [Fact]
    public void AFileOfOtherVectors_IsRefused()
    {
        using var vectors = new IndexedVectors(Dimensions, Metric.Cosine, Walking);
        vectors.Add(0, _clusters.Many(200));
        GraphCheckpoint.Save(vectors.Graph, FilePath, sequence: 1);
        using var otherSize = new GraphIndex(Dimensions + 1, Metric.Cosine, Walking);
        using var otherMetric = new GraphIndex(Dimensions, Metric.Dot, Walking);
        using var otherBlocks = new GraphIndex(Dimensions, Metric.Cosine, Walking with { IsCompact = !IsCompact });
        Assert.Contains("72 dimensions", Assert.Throws<InvalidDataException>(() => GraphCheckpoint.Load(otherSize, FilePath)).Message);
        Assert.Contains("Cosine", Assert.Throws<InvalidDataException>(() => GraphCheckpoint.Load(otherMetric, FilePath)).Message);
        Assert.Contains("CompactIndex", Assert.Throws<InvalidDataException>(() => GraphCheckpoint.Load(otherBlocks, FilePath)).Message);
    }

    [Fact]
    public void ASaveThatFails_LeavesTheOldFile()
    {
        using var vectors = new IndexedVectors(Dimensions, Metric.Cosine, Walking);
        vectors.Add(0, _clusters.Many(100));
        GraphCheckpoint.Save(vectors.Graph, FilePath, sequence: 5);
        Directory.CreateDirectory(FilePath + ".new");
        Assert.ThrowsAny<UnauthorizedAccessException>(() => GraphCheckpoint.Save(vectors.Graph, FilePath, sequence: 6));
        using var loaded = new GraphIndex(Dimensions, Metric.Cosine, Walking);
        Assert.Equal(5, GraphCheckpoint.Load(loaded, FilePath));
    }

    static int Common(GraphIndex left, GraphIndex right, Index.LiveSlots live, float[] query)
    {
        return Slots(left).Intersect(Slots(right)).Count();

        int[] Slots(GraphIndex index)
        {
            var nearest = new Index.TopK();
            nearest.Reset(10, SlotNumbers.Order);
            index.Search(new Index.IndexQuery { Vectors = query, Live = live }, [nearest]);
            return nearest.SlotSpan.ToArray();
        }
    }
}
