using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>How many shards there are, and changing that.</summary>
public static class ShardCountEndpoints
{
    public static void MapShardCount(this IEndpointRouteBuilder app)
    {
        var shards = app.MapGroup("/shards").WithTags("Shards").ProducesProblem(503);
        shards.MapGet("", ReadAsync).WithName("Shards")
            .WithSummary("How many shards there are, how full each is, and what is being changed.");
        shards.MapPost("", ChangeAsync).WithName("ChangeShards")
            .WithSummary("Adds or removes shards: `count` is how many there are to be.")
            .WithDescription("Answers when the change has begun; `GET /shards` shows how far it is. Writes of ids that get another home "
                + "wait for seconds, everything else goes on. Over RabbitMQ start the workers of new shards first.")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .Accepts<ShardCountBody>("application/json", "*/*");
    }

    static async Task<Ok<ShardCountAnswer>> ChangeAsync(
        JsonBody<ShardCountBody> body, ShardCountChanger changer, CollectionKeeper keeper, ShardSurvey survey, ClusterView view,
        CancellationToken cancellationToken)
    {
        await changer.BeginAsync(body.Value.Count, cancellationToken);
        return await ReadAsync(keeper, survey, view, cancellationToken);
    }

    static async Task<Ok<ShardCountAnswer>> ReadAsync(
        CollectionKeeper keeper, ShardSurvey survey, ClusterView view, CancellationToken cancellationToken)
    {
        await keeper.RefreshAsync(cancellationToken);
        var described = await survey.AskAllAsync(cancellationToken);
        var state = view.Collection;
        return TypedResults.Ok(new ShardCountAnswer
        {
            Count = view.ShardCount,
            Change = ShardChangeAnswer.Of(state, described),
            Balance = ShardBalance.Of(described, state) is { } balance ? new(balance.Shard, balance.TimesMean) : null,
            Advice = ShardBalance.Of(described, state)?.Advice,
            Shards = [.. described.Select((shard, number) => new ShardShareAnswer
            {
                Shard = number,
                Health = shard is null ? "missing" : number >= view.ShardCount ? "leaving" : "ready",
                Points = shard?.Points,
                DirectoryEntries = shard?.DirectoryEntries,
                Url = view.UrlOf(number),
            })],
        });
    }
}

/// <summary>Body of `POST /shards`.</summary>
public sealed record ShardCountBody
{
    public required int Count { get; init; }
}

/// <summary>Answer of `GET /shards` and `POST /shards`.</summary>
public sealed record ShardCountAnswer
{
    /// <summary>How many shards take new points. Those beyond, while there are any, are leaving.</summary>
    public required int Count { get; init; }

    /// <summary>Left out when nothing is being changed.</summary>
    public ShardChangeAnswer? Change { get; init; }

    /// <summary>Left out while nothing is stored or a shard does not answer.</summary>
    public BalanceAnswer? Balance { get; init; }

    /// <summary>What to do about a shard that has grown too large; left out when nothing needs to be done.</summary>
    public string? Advice { get; init; }

    public required IReadOnlyList<ShardShareAnswer> Shards { get; init; }
}

/// <summary>A change of the number of shards that is under way.</summary>
public sealed record ShardChangeAnswer
{
    public required int From { get; init; }

    public required int To { get; init; }

    /// <summary>handing over homes, passing on, or moving points.</summary>
    public required string Step { get; init; }

    /// <summary>Shards that have not done their part of this step.</summary>
    public required IReadOnlyList<int> WaitingFor { get; init; }

    /// <summary>Points not looked at yet: at most these are still to be moved.</summary>
    public required long ToCheck { get; init; }

    /// <summary>What keeps it from going on, in words; left out when nothing does.</summary>
    public string? Problem { get; init; }

    internal static ShardChangeAnswer? Of(CollectionState? state, IReadOnlyList<ShardDescribed?> described) =>
        state?.Change is not { } change ? null : new()
        {
            From = change.From,
            To = change.To,
            Step = change.Step switch
            {
                ShardChangeSteps.HandingOver => "handing over homes",
                ShardChangeSteps.PassingOn => "passing on",
                _ => "moving points",
            },
            WaitingFor = [.. Enumerable.Range(0, ShardNumbers.Open(state)).Except(change.Done)],
            ToCheck = described.Sum(shard => shard?.RowsToCheck ?? 0),
            Problem = ProblemOf(change, described),
        };

    static string? ProblemOf(ShardChange change, IReadOnlyList<ShardDescribed?> described)
    {
        if (described.Select((shard, number) => (shard, number)).FirstOrDefault(item => item.shard is null) is { number: var away }
            && described.Any(shard => shard is null))
            return $"Shard {away} does not answer: start its worker.";
        return described.Skip(change.To).FirstOrDefault(shard => shard is { Quarantined: > 0 }) is { } damaged
            ? $"Shard {damaged.Shard} has damaged rows, which cannot be moved: store these points again, or delete them."
            : null;
    }
}

/// <summary>The largest shard.</summary>
public sealed record BalanceAnswer(int LargestShard, double TimesMean);

/// <summary>One shard; counts are left out while it is missing.</summary>
public sealed record ShardShareAnswer
{
    public required int Shard { get; init; }

    /// <summary>ready, leaving or missing.</summary>
    public required string Health { get; init; }

    public long? Points { get; init; }

    public long? DirectoryEntries { get; init; }

    public string? Url { get; init; }
}
