using System.Numerics.Tensors;

namespace VectorDb.IngestWorker;

/// <summary>
/// Shares points out to clusters so that none gets much more than the mean. Each cluster has an offset that is added to its
/// nearness; one that is too full lowers it, one that is too empty raises it, until the largest is within the cap. The borders
/// between clusters stay straight (a power diagram: Aurenhammer, "Power diagrams: properties, algorithms and applications",
/// 1987), so that points stored later are placed by the same simple rule and keep the balance.
/// </summary>
sealed class Balance(int pointCount, int clusterCount)
{
    readonly float[] _nearness = new float[(long)pointCount * clusterCount];
    readonly int[] _loads = new int[clusterCount];
    readonly double _mean = (double)pointCount / clusterCount;
    int[] _previous = Filled(pointCount);

    /// <summary>The cluster of each point.</summary>
    public int[] Owners { get; private set; } = Filled(pointCount);

    /// <summary>One a cluster.</summary>
    public float[] Offsets { get; } = new float[clusterCount];

    /// <summary>Nearness of one point to each cluster, to be filled by the caller; higher is nearer.</summary>
    public Span<float> NearnessOf(int point) => _nearness.AsSpan(point * clusterCount, clusterCount);

    /// <summary>
    /// Moves the offsets, at most `steps` times, until no cluster has more than `cap` times the mean; keeps the best seen. Returns
    /// whether any point changed its cluster since the last call.
    /// </summary>
    public bool Assign(double cap, int steps)
    {
        (_previous, Owners) = (Owners, _previous);
        var best = (float[])Offsets.Clone();
        var bestMax = Choose();
        var step = Margin() / 2;
        for (var i = 0; i < steps && bestMax > cap * _mean && step > 0; i++)
        {
            for (var c = 0; c < clusterCount; c++)
                Offsets[c] -= step * (float)Math.Clamp((_loads[c] / _mean) - 1, -1, 1);
            var max = Choose();
            if (max < bestMax)
                (bestMax, best) = (max, (float[])Offsets.Clone());
            else
                step *= 0.93f;
        }
        best.CopyTo(Offsets, 0);
        Choose();
        return !Owners.AsSpan().SequenceEqual(_previous);
    }

    /// <summary>Gives each point to the nearest cluster, offsets added. Returns the largest load.</summary>
    int Choose()
    {
        var owners = Owners;
        Parallel.For(0, pointCount, () => new float[clusterCount], (p, _, sums) =>
        {
            TensorPrimitives.Add(NearnessOf(p), Offsets, sums);
            owners[p] = TensorPrimitives.IndexOfMax<float>(sums);
            return sums;
        }, _ => { });
        Array.Clear(_loads);
        foreach (var owner in owners)
            _loads[owner]++;
        return _loads.Max();
    }

    /// <summary>How much nearer the nearest cluster is than the second, on average: the scale of a useful step.</summary>
    float Margin()
    {
        if (clusterCount < 2)
            return 0;
        double sum = 0;
        for (var p = 0; p < pointCount; p++)
        {
            float first = float.NegativeInfinity, second = float.NegativeInfinity;
            foreach (var nearness in NearnessOf(p))
                if (nearness > first)
                    (first, second) = (nearness, first);
                else
                    second = Math.Max(second, nearness);
            sum += first - second;
        }
        return (float)(sum / pointCount);
    }

    static int[] Filled(int count)
    {
        var owners = new int[count];
        Array.Fill(owners, -1);
        return owners;
    }
}
