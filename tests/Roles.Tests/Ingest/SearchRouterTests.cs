using VectorDb.Contracts;
using VectorDb.IngestWorker;

namespace VectorDb.Roles.Tests;

public sealed class SearchRouterTests(SharedEmbedder model)
{
    static readonly CollectionState ThreeCentroids = Wire.State(3, (0, [1, 0, 0]), (1, [0, 1, 0]), (2, [0, 0, 1]));

    readonly ShardWorkers _workers = new();

    SearchRouter Router => new(model.Embedder, _workers);

    [Fact]
    public void Questions_TravelInOneMessageAShard()
    {
        var plan = Plan(
            ThreeCentroids,
            Question(0, [3, 2, 1], shards: 2),
            Question(1, [0, 0, 1], shards: 1),
            Question(2, [1, 0, 0], shards: 0));
        Assert.Empty(plan.Rejected);
        Assert.Equal(["0: 0 2", "1: 0 2", "2: 1 2"], plan.Shards.OrderBy(message => message.Shard)
            .Select(message => $"{message.Shard}: {string.Join(' ', message.Questions.Select(question => question.Index))}"));
        Assert.All(plan.Shards, message => Assert.Equal(3, message.Dimensions));
    }

    [Fact]
    public void EveryPart_SaysWhichShardsAreAskedAndKeepsTheWishes()
    {
        var asked = Question(4, [3, 2, 1], shards: 2) with { TopK = 9, WithPayload = true, WithVector = true, Exact = true };
        var plan = Plan(ThreeCentroids, asked);
        Assert.Equal(2, plan.Shards.Count);
        Assert.All(plan.Shards, message =>
        {
            var question = Assert.Single(message.Questions);
            Assert.Equal([0, 1], question.Asked);
            Assert.Equal((4, 9, true, true, true),
                (question.Index, question.TopK, question.WithPayload, question.WithVector, question.Exact));
            Assert.Equal(asked.Vector, question.Vector);
        });
    }

    [Fact]
    public void ShardsOfOneWorker_AreAskedInOneMessage()
    {
        Announce(0, 1);
        var plan = Plan(
            ThreeCentroids,
            Question(0, [3, 2, 1], shards: 3),
            Question(1, [0, 1, 0], shards: 1),
            Question(2, [0, 0, 1], shards: 1));
        Assert.Equal(2, plan.Shards.Count);
        var together = plan.Shards.Single(message => message.Shard != 2);
        Assert.Equal([0, 1], together.Also.Append(together.Shard).Order());
        Assert.Equal([0, 1], together.Questions.Select(question => question.Index));
        Assert.Equal([0], together.For(0).Questions.Select(question => question.Index));
        Assert.Equal([0, 1], together.For(1).Questions.Select(question => question.Index));
        Assert.Empty(together.For(1).Also);
        var alone = plan.Shards.Single(message => message.Shard == 2);
        Assert.Empty(alone.Also);
        Assert.Equal([0, 2], alone.Questions.Select(question => question.Index));
    }

    [Fact]
    public void QueuesOfAWorkersShards_AreUsedInTurn()
    {
        Announce(0, 1, 2);
        var router = Router;
        var used = Enumerable.Range(0, 3).Select(_ => Assert.Single(router.Plan(
            [Question(0, [1, 1, 1], shards: 3)], new(ThreeCentroids, new()), TestContext.Current.CancellationToken).Shards).Shard);
        Assert.Equal([0, 1, 2], used.Order());
    }

    [Fact]
    public void Texts_AreEmbeddedWithTheModel()
    {
        var state = Wire.State(3) with { Shape = new() { Dimensions = 384 } };
        var plan = Plan(state, new SearchQuestion { Index = 0, Text = "insects", TopK = 1, ShardsToSearch = 1 });
        var expected = model.Embedder.Embed(["insects"], TestContext.Current.CancellationToken)[0].Vector;
        Assert.Equal(3, plan.Shards.Count);
        Assert.All(plan.Shards, message => Assert.Equal(VectorBytes.From(expected), message.Questions[0].Vector));
    }

    [Fact]
    public void QuestionsThatCannotBeAsked_AreRefusedAndTheOthersGoOn()
    {
        var plan = Plan(
            ThreeCentroids,
            Question(0, [1, 2], shards: 1),
            new SearchQuestion { Index = 1, Text = "a", TopK = 1, ShardsToSearch = 1 },
            Question(2, [1, 0, 0], shards: 1));
        Assert.Equal(2, Assert.Single(Assert.Single(plan.Shards).Questions).Index);
        Assert.Equal([0, 1], plan.Rejected.Select(rejected => rejected.Index));
        Assert.All(plan.Rejected, rejected => Assert.True(rejected.IsCallersFault));
        Assert.Contains("vectors of 3", plan.Rejected[0].Reason);
        Assert.Contains("384", plan.Rejected[1].Reason);
    }

    [Fact]
    public void WithoutACollection_EveryQuestionIsRefusedAndNobodyIsToBlame()
    {
        var plan = Router.Plan(
            [Question(0, [1], shards: 1), Question(1, [1], shards: 1)], null, TestContext.Current.CancellationToken);
        Assert.Empty(plan.Shards);
        Assert.Equal([0, 1], plan.Rejected.Select(rejected => rejected.Index));
        Assert.All(plan.Rejected, rejected => Assert.False(rejected.IsCallersFault));
    }

    void Announce(params int[] shards)
    {
        var worker = Guid.NewGuid();
        foreach (var shard in shards)
            _workers.Note(new() { Shard = shard, ShardCount = 3, Worker = worker });
    }

    SearchPlan Plan(CollectionState state, params SearchQuestion[] questions) =>
        Router.Plan(questions, new(state, new()), TestContext.Current.CancellationToken);

    static SearchQuestion Question(int index, float[] vector, int shards) =>
        new() { Index = index, Vector = VectorBytes.From(vector), TopK = 1, ShardsToSearch = shards };
}
