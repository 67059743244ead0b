namespace VectorDb.Cluster.Tests.Faults;

/// <summary>Something that goes wrong and is put right again.</summary>
/// <param name="Name">What, for people and for counting.</param>
/// <param name="Target">What it breaks: two faults of one target do not happen at once.</param>
/// <param name="StrikeAsync">Breaks it.</param>
/// <param name="HealAsync">Repairs it; what was stopped is started, though it may not be ready yet.</param>
public sealed record Fault(string Name, string Target, Func<Task> StrikeAsync, Func<Task> HealAsync)
{
    /// <summary>Healed in this order: a program is started when what it needs is there again.</summary>
    public int HealOrder { get; init; }

    /// <summary>
    /// All of `faults`, in groups of up to `atOnce` that happen at the same time. The order is kept as far as targets allow.
    /// </summary>
    public static IEnumerable<IReadOnlyList<Fault>> Waves(IEnumerable<Fault> faults, Func<int> atOnce)
    {
        var left = faults.ToList();
        while (left.Count > 0)
        {
            var wave = left.DistinctBy(fault => fault.Target).Take(atOnce()).ToList();
            left.RemoveAll(wave.Contains);
            yield return wave;
        }
    }
}
