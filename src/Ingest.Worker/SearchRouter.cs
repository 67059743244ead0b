using VectorDb.Contracts;
using VectorDb.Embedding;

namespace VectorDb.IngestWorker;

/// <summary>
/// Turns searches into one message a worker: embeds texts, chooses shards. Knows no bus. Searches that cannot be passed on are
/// reported, never thrown.
/// </summary>
public sealed class SearchRouter(IEmbedder embedder, ShardWorkers workers)
{
    /// <summary>Counts messages, so that the queues of a worker's shards are used in turn.</summary>
    int _turn;

    public SearchPlan Plan(IReadOnlyList<SearchQuestion> questions, ShardRouter? router, CancellationToken cancellationToken)
    {
        if (router is null)
            return SearchPlan.RefuseAll(questions, "There is no collection yet: store a point first");
        var shape = router.State.Shape;
        var rejected = new List<RejectedQuestion>();
        var vectors = Vectors(questions, shape, rejected, cancellationToken);
        var parts = new Dictionary<int, WorkersPart>();
        foreach (var (question, vector) in vectors)
        {
            var asked = router.Choose(VectorBytes.ToFloats(vector), question.ShardsToSearch, question.TopK);
            var part = QuestionOf(question, vector, asked);
            foreach (var shard in asked)
            {
                var group = workers.GroupOf(shard);
                if (!parts.TryGetValue(group, out var workersPart))
                    parts[group] = workersPart = new();
                workersPart.Add(shard, part);
            }
        }
        return new([.. parts.Values.Select(part => MessageOf(part, shape.Dimensions))], rejected);
    }

    SearchShard MessageOf(WorkersPart part, int dimensions)
    {
        var first = part.Shards[(int)((uint)Interlocked.Increment(ref _turn) % (uint)part.Shards.Count)];
        return new()
        {
            Shard = first,
            Also = [.. part.Shards.Where(shard => shard != first)],
            Dimensions = dimensions,
            Questions = part.Questions,
        };
    }

    /// <summary>The shards of one worker and what they are asked.</summary>
    sealed class WorkersPart
    {
        public List<int> Shards { get; } = [];

        public List<ShardQuestion> Questions { get; } = [];

        /// <summary>All shards of a question one after another.</summary>
        public void Add(int shard, ShardQuestion question)
        {
            if (!Shards.Contains(shard))
                Shards.Add(shard);
            if (Questions.Count == 0 || !ReferenceEquals(Questions[^1], question))
                Questions.Add(question);
        }
    }

    List<(SearchQuestion Question, byte[] Vector)> Vectors(
        IReadOnlyList<SearchQuestion> questions, CollectionShape shape, List<RejectedQuestion> rejected,
        CancellationToken cancellationToken)
    {
        var model = embedder.Model;
        var textProblem = VectorChecks.TextProblem(shape, model.Name, model.Checksum, model.Dimensions);
        var vectors = new List<(SearchQuestion, byte[])>(questions.Count);
        var texts = new List<SearchQuestion>();
        foreach (var question in questions)
        {
            var problem = question.Vector is null ? textProblem : VectorChecks.SizeProblem(question.Vector, shape);
            if (problem is not null)
                rejected.Add(new() { Index = question.Index, Reason = $"The search {problem}.", IsCallersFault = true });
            else if (question.Vector is { } vector)
                vectors.Add((question, vector));
            else
                texts.Add(question);
        }
        if (texts.Count > 0)
            vectors.AddRange(embedder.Embed([.. texts.Select(question => question.Text ?? "")], cancellationToken)
                .Zip(texts, (embedded, question) => (question, VectorBytes.From(embedded.Vector))));
        return vectors;
    }

    static ShardQuestion QuestionOf(SearchQuestion question, byte[] vector, int[] asked) => new()
    {
        Index = question.Index,
        Vector = vector,
        TopK = question.TopK,
        WithPayload = question.WithPayload,
        WithVector = question.WithVector,
        Exact = question.Exact,
        Asked = asked,
    };
}

/// <summary>What to send for some searches.</summary>
public sealed record SearchPlan(IReadOnlyList<SearchShard> Shards, IReadOnlyList<RejectedQuestion> Rejected)
{
    internal static SearchPlan RefuseAll(IReadOnlyList<SearchQuestion> questions, string reason) => new(
        [],
        [.. questions.Select(question => new RejectedQuestion { Index = question.Index, Reason = reason, IsCallersFault = false })]);
}
