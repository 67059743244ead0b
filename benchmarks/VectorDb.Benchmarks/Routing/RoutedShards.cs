using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.IngestWorker;
using VectorDb.IngestWorker.Choosing;
using VectorDb.ShardWorker.Sketching;

namespace VectorDb.Benchmarks.Routing;

/// <summary>A workload placed on shards by trained centroids, and sketched, all with the product's code.</summary>
sealed class RoutedShards
{
    readonly int[] _owners;
    readonly float[][][] _rows;

    public RoutedShards(RoutingWorkload workload, RoutingOptions options, int shards)
    {
        var state = Trained(workload, options, shards);
        Router = new(state, Sketches);
        CentroidRouter = new(state, new SketchBook());
        _owners = new int[workload.Rows.Length];
        Parallel.For(0, _owners.Length, i => _owners[i] = Router.OwnerOf(workload.Rows[i], id: []));
        var members = _owners.Index().ToLookup(pair => pair.Item, pair => workload.Rows[pair.Index]);
        _rows = [.. Enumerable.Range(0, shards).Select(shard => members[shard].ToArray())];
    }

    /// <summary>Rows that the centroids were trained from.</summary>
    public int SampleRows { get; private set; }

    public TimeSpan Training { get; private set; }

    public SketchBook Sketches { get; } = new();

    /// <summary>With sketches, once they are made.</summary>
    public ShardRouter Router { get; }

    /// <summary>As it is without sketches.</summary>
    public ShardRouter CentroidRouter { get; }

    /// <summary>Rows of the largest shard, in multiples of the mean.</summary>
    public double LargestToMean => _rows.Max(rows => rows.Length) * (double)_rows.Length / _owners.Length;

    public int OwnerOf(int row) => _owners[row];

    /// <summary>The part of all rows that these shards have.</summary>
    public double ShareOf(IEnumerable<int> shards) => shards.Sum(shard => (double)_rows[shard].Length) / _owners.Length;

    /// <summary>One thread, as a shard worker does it. Returns the bytes that the messages have before base64.</summary>
    public long Sketch(int seed)
    {
        var bytes = 0L;
        for (var shard = 0; shard < _rows.Length; shard++)
        {
            if (_rows[shard].Length == 0)
                continue;
            var sample = (float[][])_rows[shard].Clone();
            new Random(seed).Shuffle(sample);
            var most = ShardSketch.SampleRows(sample[0].Length);
            var message = ShardSketch.Make(sample[..Math.Min(most, sample.Length)], _rows[shard].Length, seed, CancellationToken.None)
                .ToMessage(new(shard, Guid.NewGuid(), Revision: 1, Epoch: 1));
            Sketches.Note(message);
            bytes += message.Means.Length + message.Axes.Length;
            bytes += message.Counts.Length + message.Spreads.Length + message.AxisShares.Length;
        }
        return bytes;
    }

    /// <summary>As a router does it, but exact: what of a wanted point a shard must be expected to have.</summary>
    public double Try(RoutingWorkload workload, RoutingOptions options, int searches)
    {
        var isEuclid = options.Metric == "Euclid";
        var perShard = (searches + _rows.Length - 1) / _rows.Length;
        var random = new Random(options.Seed);
        var trials = _rows.Index()
            .SelectMany(shard => random.GetItems(shard.Item, Math.Min(perShard, shard.Item.Length))
                .Select(row => new TrialSearch(row, shard.Index, isEuclid))).ToList();
        Parallel.ForEach(trials, trial =>
        {
            for (var shard = 0; shard < _rows.Length; shard++)
                trial.Note(shard, RoutingWorkload.BestScores(_rows[shard], trial.Query, TrialSearch.ScoresAsked, isEuclid));
        });
        var bound = AutoBound.Find([.. trials.SelectMany(trial => Router.SharesOf(trial.Query, trial.Owners()))]);
        Sketches.NoteBound(epoch: 1, bound);
        return bound;
    }

    /// <summary>From a share of the rows, or as many as `POST /train` draws at least.</summary>
    CollectionState Trained(RoutingWorkload workload, RoutingOptions options, int shards)
    {
        var sample = (float[][])workload.Rows.Clone();
        new Random(options.Seed).Shuffle(sample);
        var isSpherical = options.Metric != "Euclid";
        SampleRows = (int)StoredSample.Size(sample.Length, options.Sample, shards);
        var start = Stopwatch.GetTimestamp();
        var trained = CentroidTrainer.Train(sample[..SampleRows], shards, options.Seed, isSpherical);
        Training = Stopwatch.GetElapsedTime(start);
        return new()
        {
            Shape = new() { Dimensions = workload.Dimensions, Metric = options.Metric },
            ShardCount = shards,
            Epoch = 1,
            CentroidShards = [.. Enumerable.Range(0, shards)],
            Centroids = [.. trained.Centroids.SelectMany(centroid => VectorBytes.From(centroid))],
            CentroidOffsets = trained.Offsets,
        };
    }
}
