using CsCheck;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Kernels;

public sealed class CandidatePoolTests
{
    /// <summary>What the pool must be: the list of the nearest, sorted anew after every step.</summary>
    [Fact]
    public void AnyOrderOfAddsAndTakes_GivesWhatASortedListGives() => Gen.Select(Gen.Int[1, 300], Gen.Int[0, 1 << 30]).Sample(
        (width, seed) =>
        {
            var random = new Random(seed);
            using var pool = new CandidatePool();
            pool.Reset(random.Next(1, 400));
            pool.Reset(width);
            var expected = new List<(float Distance, int Vertex, bool Taken)>();
            for (var vertex = 0; vertex < 3 * width; vertex++)
            {
                var distance = (float)(random.NextDouble() - 0.3);
                if (distance < pool.Limit)
                {
                    pool.Add(distance, vertex);
                    expected.Add((distance, vertex, false));
                    expected.Sort();
                    expected = [.. expected.Take(width)];
                }
                if (random.Next(3) == 0)
                    Take(pool, expected);
                Assert.Equal(expected.Count < width ? float.PositiveInfinity : expected[^1].Distance, pool.Limit);
                var untaken = expected.Where(candidate => !candidate.Taken).Select(candidate => candidate.Vertex).ToList();
                Assert.Equal(untaken.Count > 0 ? untaken[0] : -1, pool.Peek());
                Assert.Equal(untaken.Count > 1 ? untaken[1] : -1, pool.PeekSecond());
            }
            while (expected.Exists(candidate => !candidate.Taken))
                Take(pool, expected);
            Assert.False(pool.TryTake(out _));
        },
        iter: 200);

    static void Take(CandidatePool pool, List<(float Distance, int Vertex, bool Taken)> expected)
    {
        var at = expected.FindIndex(candidate => !candidate.Taken);
        Assert.Equal(at >= 0, pool.TryTake(out var vertex));
        Assert.Equal(at >= 0 ? expected[at].Vertex : -1, vertex);
        if (at >= 0)
            expected[at] = expected[at] with { Taken = true };
    }
}
