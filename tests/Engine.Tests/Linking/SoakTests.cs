using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Linking;

/// <summary>
/// Searches, inserts, updates, deletes, restarts and lost checkpoints in any order against the exact oracle, with other threads
/// searching all the time. VECTORDB_SOAK_MINUTES runs it long.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    const int Keys = 4000;

    [Fact]
    public void AnyHistory_IsAnsweredAsTheOracleDoes()
    {
        var minutes = Environment.GetEnvironmentVariable("VECTORDB_SOAK_MINUTES");
        var seed = FirstSeed.Value;
        var until = minutes is null
            ? DateTime.MinValue
            : DateTime.UtcNow.AddMinutes(double.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture));
        do
        {
            var metric = (Metric)(seed % 3);
            using var shard = new LinkedShard(metric, seed);
            Run(shard, new Random(seed), steps: minutes is null ? 150 : 1000, $"{metric}, seed {seed}");
            output.WriteLine($"{metric}, seed {seed}: recall {shard.Recall:n4}, {shard.Count} rows");
            seed++;
        }
        while (DateTime.UtcNow < until);
    }

    static void Run(LinkedShard shard, Random random, int steps, string name)
    {
        shard.Upsert(Enumerable.Range(0, 1500));
        for (var step = 0; step < steps; step++)
        {
            try
            {
                Step(shard, random);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"{name}, step {step}: {exception.Message}", exception);
            }
        }
        Assert.True(shard.Recall > 0.95, $"{name}: recall {shard.Recall}");
    }

    static void Step(LinkedShard shard, Random random)
    {
        var first = random.Next(Keys);
        switch (random.Next(20))
        {
            case < 7:
                shard.Upsert(Enumerable.Range(first, random.Next(1, 80)), cluster: random.Next(3) == 0 ? random.Next(20) : -1);
                break;
            case < 10:
                shard.Delete(Enumerable.Range(first, random.Next(1, 60)));
                break;
            case < 17:
                shard.Search(topK: random.Next(1, 30), exact: random.Next(3) == 0, withContents: random.Next(4) == 0);
                break;
            case 17:
                shard.WaitForLinks();
                break;
            case 18:
                shard.Temp.Close();
                break;
            default:
                shard.Temp.Close();
                if (File.Exists(shard.GraphPath) && random.Next(2) == 0)
                    File.Delete(shard.GraphPath);
                Assert.Empty(shard.Temp.Shard.Validate().Problems);
                break;
        }
    }
}
