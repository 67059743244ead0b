namespace VectorDb.TestKit;

/// <summary>Where a random test starts: elsewhere each time, or where VECTORDB_SEED says, to repeat a failure.</summary>
public static class FirstSeed
{
    public static int Value { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("VECTORDB_SEED"), out var seed) ? seed : Environment.TickCount & 0x3FFFFFFF;
}
