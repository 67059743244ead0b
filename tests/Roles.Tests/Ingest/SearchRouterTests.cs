using VectorDb.Contracts;
using VectorDb.IngestWorker;

namespace VectorDb.Roles.Tests;

public sealed class SearchRouterTests(SharedEmbedder model)
{
    static readonly CollectionState ThreeCentroids = Wire.State(3, (0, [1, 0, 0]), (1, [0, 1, 0]), (2, [0, 0, 1]));

    readonly SearchRouter _router = new(model.Embedder);

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
        var plan = _router.Plan(
            [Question(0, [1], shards: 1), Question(1, [1], shards: 1)], null, TestContext.Current.CancellationToken);
        Assert.Empty(plan.Shards);
        Assert.Equal([0, 1], plan.Rejected.Select(rejected => rejected.Index));
        Assert.All(plan.Rejected, rejected => Assert.False(rejected.IsCallersFault));
    }

    SearchPlan Plan(CollectionState state, params SearchQuestion[] questions) =>
        _router.Plan(questions, new(state, new()), TestContext.Current.CancellationToken);

    static SearchQuestion Question(int index, float[] vector, int shards) =>
        new() { Index = index, Vector = VectorBytes.From(vector), TopK = 1, ShardsToSearch = shards };
}
