using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class PendingSearchTests
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    readonly ManualClock _clock = new();
    readonly Guid _request = Guid.NewGuid();

    [Fact]
    public async Task Search_IsDoneWhenEveryShardThatWasAskedHasAnswered()
    {
        var (pending, searches) = Begin(1);
        pending.Take(_request, Part(2, Answer(0, [0, 2])));
        pending.Take(_request, Part(2, Answer(0, [0, 2])));
        Assert.False(searches[0].IsDone);
        pending.Take(_request, Part(0, Answer(0, [0, 2])));
        var parts = await searches[0].Done;
        Assert.Equal([0, 2], parts.Parts.Select(part => part.Shard).Order());
        Assert.False(parts.IsPartial);
    }

    [Fact]
    public async Task PartsOfOneWorker_CountEach()
    {
        var (pending, searches) = Begin(2);
        pending.Take(_request, Part(2, Answer(0, [0, 1, 2], hits: 1)) with
        {
            Also = [new() { Shard = 0, Answers = [Answer(0, [0, 1, 2], hits: 2), Answer(1, [0], hits: 3)] }],
        });
        Assert.Equal([false, true], searches.Select(search => search.IsDone));
        pending.Take(_request, Part(1, Answer(0, [0, 1, 2])));
        Assert.Equal([0, 1, 2], (await searches[0].Done).Parts.Select(part => part.Shard).Order());
        Assert.Equal(3, (await searches[1].Done).Parts.Single().Answer.Hits.Count);
    }

    [Fact]
    public async Task SecondPartOfAShard_IsIgnored()
    {
        var (pending, searches) = Begin(1);
        pending.Take(_request, Part(1, Answer(0, [1, 2], hits: 3)));
        pending.Take(_request, Part(1, Answer(0, [1, 2], hits: 9)));
        pending.Take(_request, Part(2, Answer(0, [1, 2], hits: 1)));
        Assert.Equal(4, (await searches[0].Done).Parts.Sum(part => part.Answer.Hits.Count));
    }

    [Fact]
    public async Task SearchesOfOneMessage_EndEachByItself()
    {
        var (pending, searches) = Begin(3);
        pending.Take(_request, Part(0, Answer(1, [0]), Answer(0, [0, 1])));
        Assert.Equal([false, true, false], searches.Select(search => search.IsDone));
        pending.Take(_request, new SearchRejected
        {
            Questions = [new() { Index = 2, Reason = "The search is wrong.", IsCallersFault = true }],
        });
        Assert.Equal(422, (await Assert.ThrowsAsync<ProblemException>(() => searches[2].Done)).Status);
        Assert.False(searches[0].IsDone);
        pending.Take(_request, Part(1, Answer(0, [0, 1])));
        Assert.True(searches[0].IsDone);
    }

    [Fact]
    public async Task RefusalThatIsNotTheCallersFault_IsUnavailable()
    {
        var (pending, searches) = Begin(1);
        pending.Take(_request, new SearchRejected { Questions = [new() { Index = 0, Reason = "Not ready.", IsCallersFault = false }] });
        var problem = await Assert.ThrowsAsync<ProblemException>(() => searches[0].Done);
        Assert.Equal((503, "Not ready."), (problem.Status, problem.Message));
        Assert.NotNull(problem.RetryAfter);
    }

    [Fact]
    public void AnswersToOtherRequestsAndIndexes_AreIgnored()
    {
        var (pending, searches) = Begin(1);
        pending.Take(Guid.NewGuid(), Part(0, Answer(0, [0])));
        pending.Take(_request, Part(0, Answer(1, [0]), Answer(-1, [0])));
        Assert.False(searches[0].IsDone);
    }

    [Fact]
    public async Task DeadlineWithSomeParts_IsAPartialAnswer()
    {
        var (pending, searches) = Begin(1);
        await pending.StartAsync(TestContext.Current.CancellationToken);
        pending.Take(_request, Part(1, Answer(0, [0, 1, 2], hits: 2)));
        _clock.Advance(Deadline + TimeSpan.FromSeconds(1));
        var parts = await searches[0].Done;
        Assert.True(parts.IsPartial);
        Assert.Equal([0, 1, 2], parts.Asked);
        Assert.Equal(1, Assert.Single(parts.Parts).Shard);
        await pending.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task DeadlineWithoutAnyPart_IsUnavailable()
    {
        var (pending, searches) = Begin(2);
        await pending.StartAsync(TestContext.Current.CancellationToken);
        pending.Take(_request, Part(0, Answer(1, [0])));
        _clock.Advance(Deadline + TimeSpan.FromSeconds(1));
        var problem = await Assert.ThrowsAsync<ProblemException>(() => searches[0].Done);
        Assert.Equal(503, problem.Status);
        Assert.False((await searches[1].Done).IsPartial);
        await pending.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ShardThatFailed_MakesTheAnswerPartial()
    {
        var (pending, searches) = Begin(1);
        pending.Take(_request, Part(0, Answer(0, [0, 1], failure: "broken")));
        pending.Take(_request, Part(1, Answer(0, [0, 1], hits: 1)));
        var parts = await searches[0].Done;
        Assert.True(parts.IsPartial);
        Assert.Equal(1, Assert.Single(parts.Parts).Shard);
    }

    [Fact]
    public async Task EveryShardFailed_IsUnavailableWithTheReason()
    {
        var (pending, searches) = Begin(1);
        pending.Take(_request, Part(0, Answer(0, [0, 1], failure: "broken")));
        pending.Take(_request, Part(1, Answer(0, [0, 1], failure: "broken")));
        var problem = await Assert.ThrowsAsync<ProblemException>(() => searches[0].Done);
        Assert.Equal(503, problem.Status);
        Assert.Contains("broken", problem.Message);
    }

    (PendingSearches Pending, PendingSearch[] Searches) Begin(int count)
    {
        var pending = new PendingSearches(_clock);
        var searches = Enumerable.Range(0, count)
            .Select(i => new PendingSearch(new() { Index = i, TopK = 5, ShardsToSearch = 0 })).ToArray();
        _ = pending.Add(_request, searches, Deadline);
        return (pending, searches);
    }

    static ShardSearched Part(int shard, params ShardAnswer[] answers) => new() { Shard = shard, Answers = answers };

    static ShardAnswer Answer(int index, int[] asked, int hits = 0, string? failure = null) => new()
    {
        Index = index,
        Asked = asked,
        Failure = failure,
        Hits = [.. Enumerable.Range(0, hits).Select(i => new FoundPoint { Id = Wire.Id((ulong)i), Version = 1, Score = 1 })],
    };
}
