namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>Seeded random vectors: what travels has the size of the real thing, and messages do not depend on its values.</summary>
static class Vectors
{
    public static float[][] Make(int count, int dimensions, int seed)
    {
        var random = new Random(seed);
        var vectors = new float[count][];
        for (var i = 0; i < count; i++)
        {
            vectors[i] = new float[dimensions];
            foreach (ref var number in vectors[i].AsSpan())
                number = random.NextSingle() - 0.5f;
        }
        return vectors;
    }
}
