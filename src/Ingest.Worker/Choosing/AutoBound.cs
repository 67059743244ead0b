namespace VectorDb.IngestWorker.Choosing;

/// <summary>
/// How many of a wanted point a shard must be expected to have for "auto" to ask it. How well expectation and truth agree is another
/// matter with each collection, so the bound is found from searches of stored points whose true nearest are known.
/// </summary>
public static class AutoBound
{
    /// <summary>Before anything was tried: the largest that keeps recall@10 at 0.99 on all data of docs/routing.md.</summary>
    public const double Untried = 0.0001;

    /// <summary>
    /// 0.99 is promised. By a thousand searches' neighbours the recall is known to one or two thousandths, one standard error.
    /// </summary>
    const double RecallAim = 0.991;

    /// <summary>Whatever a trial says, a shard that is expected to have a twentieth of each wanted point is asked.</summary>
    const double Most = 0.05;

    /// <summary>
    /// The largest bound that loses no more than may be lost; 0, which asks all shards, where too many neighbours are where nobody
    /// expects them. `shares`: for each true neighbour, what its shard was expected to have of a wanted point; infinite where the
    /// shard is asked in any case. Changed: sorted.
    /// </summary>
    public static double Find(double[] shares)
    {
        if (shares.Length == 0)
            return Untried;
        Array.Sort(shares);
        return Math.Min(shares[(int)((1 - RecallAim) * shares.Length)], Most);
    }
}
