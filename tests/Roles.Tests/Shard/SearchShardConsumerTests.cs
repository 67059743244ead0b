using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class SearchShardConsumerTests(ShardCluster cluster) : IClassFixture<ShardCluster>
{
    readonly RoleHost _host = cluster.Host;
    readonly Inbox _inbox = cluster.Inbox;

    [Fact]
    public async Task Questions_AreAnsweredBestFirstWithTheirIndexes()
    {
        await FillAsync(0);
        var answer = await AskAsync(
            0,
            Question(7, [1, 0, 0], topK: 2) with { Asked = [0, 2], WithPayload = true },
            Question(3, [0, 0, -2], topK: 9) with { WithVector = true });
        Assert.Equal([7, 3], answer.Select(part => part.Index));
        Assert.Equal([0, 2], answer[0].Asked);
        Assert.Equal([11UL, 12], Ids(answer[0]));
        Assert.Equal(1f, answer[0].Hits[0].Score, 1e-6f);
        Assert.Equal(Math.Sqrt(0.5), answer[0].Hits[1].Score, 1e-6);
        Assert.Equal(("{\"version\":1}", null), (answer[0].Hits[0].Payload, answer[0].Hits[0].Vector));
        Assert.Equal([11UL, 12, 13, 14], Ids(answer[1]).Order().ToArray());
        Assert.Null(answer[1].Hits[0].Payload);
        Assert.Equal(Wire.Vector(1, 0, 0), answer[1].Hits.Single(hit => PointId.FromKey(hit.Id).AsNumber() == 11).Vector);
    }

    [Fact]
    public async Task EqualScores_AreInTheOrderOfIds()
    {
        var ids = new[] { PointId.FromText("a"), PointId.From(300), PointId.From(2), PointId.From(Guid.Empty), PointId.From(256) };
        await _host.StoreAsync(_inbox, Wire.Upsert(1, [.. ids.Select(id => Wire.Row(id.ToKey(), 1))]));
        var answer = await AskAsync(1, Question(0, [1, 1, 1], topK: 4));
        Assert.Equal(ids.Order().Take(4), answer[0].Hits.Select(hit => PointId.FromKey(hit.Id)));
    }

    [Fact]
    public async Task WrongSize_IsAnAnswerWithTheReasonAndNoFault()
    {
        await FillAsync(0);
        var searched = await _host.AskAsync<SearchShard, ShardSearched>(
            ShardAddress.Search(0), new() { Shard = 0, Dimensions = 2, Questions = [Question(4, [1, 2], topK: 1)] });
        var answer = Assert.Single(searched.Answers);
        Assert.Equal((4, 0), (answer.Index, answer.Hits.Count));
        Assert.Contains("vectors of 3 numbers, and was asked with 2", answer.Failure);
    }

    [Fact]
    public async Task ShardThatHoldsNothingYet_FindsNothing()
    {
        var answer = await AskAsync(2, Question(0, [1, 0, 0], topK: 3));
        Assert.Empty(answer[0].Hits);
        Assert.Null(answer[0].Failure);
    }

    [Fact]
    public async Task Scores_AreThoseOfTheNearestRows_AndNoneWhereThereAreFewer()
    {
        await FillAsync(0);
        var found = await _host.AskAsync<FindScores, ScoresFound>(
            ShardAddress.Search(0), new() { Shard = 0, Vectors = [.. Wire.Vector(1, 0, 0), .. Wire.Vector(0, 0, -2)], TopK = 5 });
        var scores = VectorBytes.ToFloats(found.Scores);
        Assert.Equal(10, scores.Length);
        Assert.Equal(1f, scores[0], 1e-6f);
        Assert.Equal(Math.Sqrt(0.5), scores[1], 1e-6);
        Assert.True(scores.AsSpan(0, 4).SequenceEqual([.. scores[..4].OrderDescending()]));
        Assert.Equal([false, false, false, false, true], scores[5..].Select(float.IsNaN));
    }

    [Fact]
    public async Task ShardThatHoldsNothingYet_HasNoScores()
    {
        var found = await _host.AskAsync<FindScores, ScoresFound>(
            ShardAddress.Search(2), new() { Shard = 2, Vectors = Wire.Vector(1, 0, 0), TopK = 5 });
        Assert.All(VectorBytes.ToFloats(found.Scores), score => Assert.True(float.IsNaN(score)));
    }

    [Fact]
    public async Task Answer_GoesToTheAddressAndRequestOfTheMessage()
    {
        var request = Guid.NewGuid();
        await SendAsync(request, null);
        await Eventually.TrueAsync(() => _inbox.AllOf<ShardSearched>(request).Count == 1, "the answer");
    }

    [Fact]
    public async Task ShardsOfThisWorker_AnswerInOneMessageWhatTheyAreAsked()
    {
        await FillAsync(0);
        var searched = await _host.AskAsync<SearchShard, ShardSearched>(ShardAddress.Search(2), new()
        {
            Shard = 2,
            Also = [0, 1],
            Dimensions = 3,
            Questions =
            [
                Question(0, [1, 0, 0], topK: 1) with { Asked = [0, 1, 2] },
                Question(1, [1, 0, 0], topK: 3) with { Asked = [0] },
            ],
        });
        Assert.Equal((2, 0), (searched.Shard, Assert.Single(searched.Answers).Index));
        Assert.Equal([0, 1], searched.Also.Select(part => part.Shard));
        Assert.Equal([0, 1], searched.Also[0].Answers.Select(answer => answer.Index));
        Assert.Equal(11UL, Ids(searched.Also[0].Answers[0]).Single());
        Assert.Equal(3, searched.Also[0].Answers[1].Hits.Count);
        Assert.Equal([0], searched.Also[1].Answers.Select(answer => answer.Index));
    }

    [Fact]
    public async Task ShardThatIsElsewhere_IsAskedThroughItsOwnQueue()
    {
        const int Elsewhere = 77;
        var other = await Inbox.OpenAsync(
            _host, ShardAddress.SearchName(Elsewhere), (inbox, endpoint) => inbox.Take<SearchShard>(endpoint));
        var request = Guid.NewGuid();
        await _host.SendAsync(
            ShardAddress.Search(2),
            new SearchShard
            {
                Shard = 2,
                Also = [Elsewhere],
                Dimensions = 3,
                Questions =
                [
                    Question(0, [1, 0, 0], topK: 1) with { Asked = [2] },
                    Question(1, [1, 0, 0], topK: 1) with { Asked = [2, Elsewhere] },
                ],
            },
            send => (send.RequestId, send.ResponseAddress) = (request, _inbox.Address));
        await Eventually.TrueAsync(() => other.AllOf<SearchShard>(request).Count == 1, "the question goes on");
        var passed = other.AllOf<SearchShard>(request)[0];
        Assert.Equal((Elsewhere, 0, 1), (passed.Shard, passed.Also.Length, Assert.Single(passed.Questions).Index));
        await Eventually.TrueAsync(() => _inbox.AllOf<ShardSearched>(request).Count == 1, "the answer of the one that is here");
        var answer = _inbox.AllOf<ShardSearched>(request)[0];
        Assert.Equal((2, 2, 0), (answer.Shard, answer.Answers.Count, answer.Also.Count));
    }

    [Fact]
    public async Task ExpiredQuestion_IsNotAnswered()
    {
        var (expired, later) = (Guid.NewGuid(), Guid.NewGuid());
        await SendAsync(expired, TimeSpan.FromTicks(1));
        await SendAsync(later, TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(() => _inbox.AllOf<ShardSearched>(later).Count == 1, "the answer to the later question");
        // Questions run side by side, so the later answer alone does not prove that the earlier was left out.
        Assert.True(await _host.Harness.Consumed.Any<SearchShard>(
            message => message.Context.RequestId == expired, TestContext.Current.CancellationToken));
        Assert.Empty(_inbox.AllOf<ShardSearched>(expired));
        Assert.DoesNotContain(
            _host.Harness.Sent.Select<ShardSearched>(TestContext.Current.CancellationToken), sent => sent.Context.RequestId == expired);
    }

    [Fact]
    public async Task DescribeShard_TellsCounts()
    {
        await FillAsync(0);
        var described = await _host.AskAsync<DescribeShard, ShardDescribed>(ShardAddress.Search(0), new() { Shard = 0 });
        Assert.Equal((0, 4L), (described.Shard, described.Points));
        Assert.True(described.FileBytes > 0 && described.IndexBytes > 0);
    }

    Task SendAsync(Guid request, TimeSpan? timeToLive) => _host.SendAsync(
        ShardAddress.Search(2),
        new SearchShard { Shard = 2, Dimensions = 3, Questions = [Question(0, [1, 0, 0], topK: 1)] },
        send =>
        {
            send.RequestId = request;
            send.ResponseAddress = _inbox.Address;
            send.TimeToLive = timeToLive;
        });

    async Task FillAsync(int shard)
    {
        var vectors = new[] { Wire.Vector(5, 0, 0), Wire.Vector(1, 1, 0), Wire.Vector(-1, 0.5f, 0), Wire.Vector(-1, 0, 0) };
        await _host.StoreAsync(_inbox, Wire.Upsert(
            shard, [.. vectors.Select((vector, i) => Wire.Row(Wire.Id((ulong)(11 + i)), 1) with { Vector = vector })]));
    }

    async Task<IReadOnlyList<ShardAnswer>> AskAsync(int shard, params ShardQuestion[] questions) =>
        (await _host.AskAsync<SearchShard, ShardSearched>(
            ShardAddress.Search(shard), new() { Shard = shard, Dimensions = 3, Questions = questions })).Answers;

    static ShardQuestion Question(int index, float[] vector, int topK) =>
        new() { Index = index, Vector = VectorBytes.From(vector), TopK = topK, Asked = [0] };

    static IEnumerable<ulong> Ids(ShardAnswer answer) => answer.Hits.Select(hit => PointId.FromKey(hit.Id).AsNumber());
}
