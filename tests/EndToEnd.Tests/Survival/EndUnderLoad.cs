using VectorDb.EndToEnd.Tests.Serving;
using VectorDb.TestKit.Survival;

namespace VectorDb.EndToEnd.Tests.Survival;

/// <summary>A server that is ended while clients use it.</summary>
static class EndUnderLoad
{
    /// <summary>Enough that every queue has something in it when the end comes.</summary>
    const int Clients = 16;

    const int AcknowledgedSoon = 300;
    const int AcknowledgedMin = 50;
    const int AcknowledgedMax = 3_000;

    /// <summary>
    /// Returns when the clients have met the end, which comes with an answer: at that moment, so that one that was given before
    /// the commit is found out, or a few milliseconds later, somewhere in the middle of what the others do.
    /// </summary>
    /// <remarks>`soon`: after fewer answers than usual, to meet what takes some tenths of a second.</remarks>
    public static async Task RunAsync(
        RunningServer server, Ledger ledger, Random random, Action end, bool doShardsChange = false, bool soon = false,
        bool doCentroidsChangeToo = false)
    {
        var isEnding = false;
        var later = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Next(1, 40));
        ledger.AfterMore(soon ? random.Next(AcknowledgedSoon) : random.Next(AcknowledgedMin, AcknowledgedMax), () =>
        {
            Volatile.Write(ref isEnding, true);
            if (later == TimeSpan.Zero)
                end();
            else
                _ = Task.Delay(later).ContinueWith(_ => end(), TaskScheduler.Default);
        });
        var rules = new WorkloadRules
        {
            IsTroubled = () => Volatile.Read(ref isEnding),
            DoShardsChange = doShardsChange,
            DoCentroidsChangeToo = doCentroidsChangeToo,
        };
        await new Workload(Doors.Of(server.Api, Ledger.Shards), ledger, rules).RunAsync(random.Next(), Clients);
    }
}
