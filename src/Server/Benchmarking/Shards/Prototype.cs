namespace VectorDb.Server.Benchmarking.Shards;

/// <summary>
/// The search times that the original prototype recorded of itself: 10,000 texts, the nearest shard only, seconds. It recorded no
/// recall, and at 384 dimensions only the ends are known.
/// </summary>
public static class Prototype
{
    public static IReadOnlyDictionary<int, double> SecondsOf(int dimensions) => dimensions switch
    {
        768 => new SortedDictionary<int, double>
        {
            [1] = 26.7,
            [2] = 20.0,
            [4] = 10.4,
            [8] = 4.2,
            [16] = 2.1,
            [32] = 1.1,
            [64] = 0.75,
            [128] = 0.37,
            [256] = 0.33,
        },
        384 => new SortedDictionary<int, double>
        {
            [1] = 21.1,
            [256] = 0.13,
        },
        _ => new SortedDictionary<int, double>(),
    };
}
