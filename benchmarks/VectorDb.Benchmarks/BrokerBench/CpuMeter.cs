using System.Diagnostics;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>CPU used so far by this process, its children and the broker, where that runs on this machine.</summary>
public sealed class CpuMeter(IEnumerable<int> children) : IDisposable
{
    /// <summary>Announcements, leases and the broker's own housekeeping.</summary>
    static readonly TimeSpan RestingASecond = TimeSpan.FromMilliseconds(200);

    readonly Process[] _ours = [Process.GetCurrentProcess(), .. children.Select(Process.GetProcessById)];

    /// <summary>Every Erlang machine that is seen: one that idles beside the broker adds next to nothing.</summary>
    readonly Process[] _broker = Process.GetProcessesByName("beam.smp");

    public CpuReading Read() => new(Sum(_ours) + Sum(_broker), Sum(_broker));

    /// <summary>Completes when nothing works any more: what earlier writes left to be linked is linked.</summary>
    public async Task RestAsync()
    {
        CpuReading before, now = Read();
        do
        {
            before = now;
            await Task.Delay(TimeSpan.FromSeconds(1));
            now = Read();
        }
        while ((now - before).All > RestingASecond);
    }

    public void Dispose()
    {
        foreach (var process in _ours.Concat(_broker))
            process.Dispose();
    }

    static TimeSpan Sum(Process[] processes)
    {
        var sum = TimeSpan.Zero;
        foreach (var process in processes)
        {
            process.Refresh();
            sum += process.TotalProcessorTime;
        }
        return sum;
    }
}

/// <summary>CPU time of everything, and of the broker alone.</summary>
public readonly record struct CpuReading(TimeSpan All, TimeSpan Broker)
{
    public static CpuReading operator -(CpuReading left, CpuReading right) =>
        new(left.All - right.All, left.Broker - right.Broker);
}
