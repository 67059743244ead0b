using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.ShardWorker;

/// <summary>Answers searches from the shards of this worker. Thread-safe.</summary>
public sealed class ShardSearcher(ShardSet shards, ReplicaLives lives, ILogger<ShardSearcher> logger)
{
    /// <summary>
    /// Of one shard's searching, in ticks: several times what it costs to wake a thread, which in a virtual machine is some 50 us.
    /// </summary>
    static readonly double WorthAThread = 200e-6 * Stopwatch.Frequency;

    /// <summary>Of the latest searches of all shards, averaged.</summary>
    double _ticksPerQuestion;

    /// <summary>A replica that is open but not in sync must not answer.</summary>
    public bool IsServed(int shard) => shards.TryGet(shard, out _) && (!shards.HasReplicas || lives.Find(shard) is { IsServing: true });

    /// <summary>
    /// The parts of `asked` in their order. Side by side where that is worth waking other threads: in a worker that is not busy a search
    /// should not wait for one shard after another.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The first is not open here: the message came to the wrong queue.</exception>
    public async Task<ShardPart[]> AnswerAsync(SearchShard request, int[] asked, CancellationToken cancellationToken)
    {
        var questions = request.Questions.Select(question => (question, Rows.QueryOf(question))).ToArray();
        ShardPart Part(int shard) => Answer(request, shard, questions, cancellationToken);
        if (Volatile.Read(ref _ticksPerQuestion) * questions.Length < WorthAThread)
            return [.. asked.Select(Part)];
        var others = asked[1..].Select(shard => Task.Run(() => Part(shard), cancellationToken)).ToArray();
        var first = Part(asked[0]);
        return [first, .. await Task.WhenAll(others)];
    }

    ShardPart Answer(
        SearchShard request, int shard, (ShardQuestion Question, SearchQuery Query)[] questions, CancellationToken cancellationToken)
    {
        var mine = request.Also.Length == 0 ? questions : [.. questions.Where(pair => pair.Question.Asked.Contains(shard))];
        using var timing = ShardMetrics.Searching(shard, mine.Length);
        var start = Stopwatch.GetTimestamp();
        var answers = Hits(request, shard, mine, cancellationToken);
        Note((double)(Stopwatch.GetTimestamp() - start) / Math.Max(1, mine.Length));
        return new() { Shard = shard, Answers = answers };
    }

    /// <summary>Two threads may lose one of their figures, which does not matter.</summary>
    void Note(double ticks) => Volatile.Write(ref _ticksPerQuestion, 0.9 * Volatile.Read(ref _ticksPerQuestion) + 0.1 * ticks);

    IReadOnlyList<ShardAnswer> Hits(
        SearchShard request, int number, (ShardQuestion Question, SearchQuery Query)[] questions, CancellationToken cancellationToken)
    {
        var shard = shards[number].Engine;
        try
        {
            if (shard.Schema is not { } schema)
                return [.. questions.Select(pair => AnswerOf(pair.Question, []))];
            if (schema.Dimensions != request.Dimensions)
                return request.For(number).Failed(
                    $"Shard {number} has vectors of {schema.Dimensions} numbers, and was asked with {request.Dimensions}.").Answers;
            var hits = shard.Search([.. questions.Select(pair => pair.Query)], cancellationToken);
            return [.. questions.Zip(hits, (pair, found) => AnswerOf(pair.Question, found))];
        }
        catch (Exception e) when (e is ShardException or ObjectDisposedException)
        {
            // Back to the queue, where another replica may take it.
            if (shards.HasReplicas)
                throw new OperationCanceledException($"Shard {number} cannot be searched here: {e.Message}", e);
            logger.LogError("Shard {Shard} could not be searched: {Reason}", number, e.Message);
            return request.For(number).Failed(e.Message).Answers;
        }
    }

    static ShardAnswer AnswerOf(ShardQuestion question, SearchHit[] hits) =>
        new() { Index = question.Index, Asked = question.Asked, Hits = [.. hits.Select(Rows.FoundOf)] };
}
