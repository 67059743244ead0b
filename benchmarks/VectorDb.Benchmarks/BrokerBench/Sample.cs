using System.Diagnostics;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>One measurement: how often something was done, how long each took, and what it cost.</summary>
/// <param name="Seconds">Length of the measurement.</param>
/// <param name="Count">How often it was done.</param>
/// <param name="P50Ms">Half took at most so long.</param>
/// <param name="P99Ms">Of a hundred, 99 took at most so long.</param>
/// <param name="CpuUs">CPU of all processes and the broker for each, in microseconds.</param>
/// <param name="BrokerCpuUs">The broker's share of it.</param>
public sealed record Sample(double Seconds, long Count, double P50Ms, double P99Ms, double CpuUs, double BrokerCpuUs)
{
    public double PerSecond => Count / Seconds;

    /// <summary>`callers` that each do `work` again and again, one at a time, for `seconds`.</summary>
    public static async Task<Sample> MeasureAsync(int callers, double seconds, CpuMeter meter, Func<int, Task> work)
    {
        // A tenth of the time first, so that queues and caches are in the state that lasts.
        await LoopsAsync(callers, seconds / 10, work);
        var cpu = meter.Read();
        var start = Stopwatch.GetTimestamp();
        var latencies = await LoopsAsync(callers, seconds, work);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return From(elapsed, latencies.Count, latencies, meter.Read() - cpu);
    }

    /// <summary>`latencies`: in ticks of the stopwatch.</summary>
    public static Sample From(double seconds, long count, List<long> latencies, CpuReading cpu)
    {
        latencies.Sort();
        return new(
            seconds, count, Percentile(latencies, 0.5), Percentile(latencies, 0.99),
            cpu.All.TotalMicroseconds / count, cpu.Broker.TotalMicroseconds / count);
    }

    static async Task<List<long>> LoopsAsync(int callers, double seconds, Func<int, Task> work)
    {
        var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        var loops = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var taken = new List<long>();
            for (long now; (now = Stopwatch.GetTimestamp()) < end;)
            {
                await work(caller);
                taken.Add(Stopwatch.GetTimestamp() - now);
            }
            return taken;
        })));
        return [.. loops.SelectMany(taken => taken)];
    }

    static double Percentile(List<long> sorted, double part) => sorted.Count == 0
        ? 0
        : sorted[(int)((sorted.Count - 1) * part)] * 1000.0 / Stopwatch.Frequency;
}
