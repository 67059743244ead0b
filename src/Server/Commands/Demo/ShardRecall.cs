using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands.Demo;

/// <summary>
/// Time and recall@10 of searches that ask few shards. The truth is an exact scan of all shards.
/// </summary>
public sealed record ShardRecall
{
    const int TopK = 10;

    /// <summary>Milliseconds to embed one question alone, HTTP included; median.</summary>
    public required double EmbedMs { get; init; }

    public required IReadOnlyList<Row> Rows { get; init; }

    /// <param name="Shards">How many shards were asked.</param>
    /// <param name="MedianMs">Milliseconds of an HTTP round trip with the vector given; median over the questions.</param>
    /// <param name="Recall">Share of the exact ten that were found; mean over the questions.</param>
    /// <param name="WordsFound">For how many questions the word asked for is among the ten.</param>
    public sealed record Row(int Shards, double MedianMs, double Recall, int WordsFound);

    /// <summary>Asks one question at a time, every shard count in turn, so that all meet the same noise.</summary>
    public static async Task<ShardRecall> MeasureAsync(
        VectorDbClient client, IReadOnlyList<Question> questions, IReadOnlyList<int> shardCounts, CancellationToken stop)
    {
        var runs = shardCounts.Select(shards => new Run(shards)).ToList();
        var embedMs = new List<double>();
        foreach (var question in questions)
        {
            var begin = Stopwatch.GetTimestamp();
            var vector = (await client.EmbedAsync([question.Text], stop))[0];
            embedMs.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            var exact = await client.SearchAsync(Ask(vector, "all", exact: true), stop);
            foreach (var run in runs)
                await run.AskAsync(client, question, vector, exact, stop);
        }

        return new ShardRecall { EmbedMs = Median(embedMs), Rows = [.. runs.Select(run => run.Sum(questions.Count))] };
    }

    static SearchInput Ask(float[] vector, object shards, bool exact = false) =>
        new() { QueryVector = vector, TopK = TopK, ShardsToSearch = shards, Exact = exact };

    static double Median(List<double> values)
    {
        values.Sort();
        return values.Count == 0 ? 0 : values[values.Count / 2];
    }

    sealed class Run(int shards)
    {
        readonly List<double> _times = [];
        double _recalls;
        int _wordsFound;

        public async Task AskAsync(
            VectorDbClient client, Question question, float[] vector, SearchAnswer exact, CancellationToken stop)
        {
            var begin = Stopwatch.GetTimestamp();
            var answer = await client.SearchAsync(Ask(vector, shards), stop);
            _times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            HashSet<PointId> truth = [.. exact.Results.Select(found => found.Id)];
            _recalls += truth.Count == 0 ? 1 : (double)answer.Results.Count(found => truth.Contains(found.Id)) / truth.Count;
            _wordsFound += answer.Results.Any(question.IsAnsweredBy) ? 1 : 0;
        }

        public Row Sum(int questions) => new(shards, Median(_times), _recalls / questions, _wordsFound);
    }
}
