using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>The fate of writes whose callers did not wait.</summary>
public static class OperationEndpoints
{
    const int LimitMax = 1_000;

    public static string PathOf(Guid operation) => $"/operations/{operation}";

    public static void MapOperations(this IEndpointRouteBuilder app) =>
        app.MapGet("/operations/{id}", GetAsync).WithName("Operation").WithTags("Points")
            .WithSummary("What became of a write that was accepted with 202: stored, rejected or pending, point by point.")
            .WithDescription("True over every API and after any restart: the shards keep it in their files, for 7 days. "
                + "Rejected points are listed in order, `limit` at a time (100, at most 1,000); `next`, where it is there, is the "
                + "`after` of the next page.")
            .ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);

    static async Task<Ok<OperationAnswer>> GetAsync(
        string id, OperationReader operations, CancellationToken cancellationToken, int after = -1, int limit = 100)
    {
        if (limit is < 1 or > LimitMax)
            throw ProblemException.OutOfRange($"limit is {limit}; give 1 to {LimitMax}.");
        if (!Guid.TryParse(id, out var operation))
            throw ProblemException.NotFound($"There is no operation {id}; an operation's id is a UUID, the \"operation\" of a 202 answer.");
        var fate = await operations.FindAsync(operation, cancellationToken);
        var page = fate.Refusals(after, limit + 1);
        return TypedResults.Ok(new OperationAnswer
        {
            Operation = fate.Id,
            AcceptedAt = fate.Accepted,
            Points = fate.Points,
            Stored = fate.Stored,
            Rejected = fate.Rejected,
            Pending = fate.Pending,
            Lost = fate.MayBeLost ? fate.Lost : null,
            Done = fate.IsDone,
            Rejections = [.. page.Take(limit).Select(refusal => new RejectionAnswer(refusal.Ordinal, refusal.Reason))],
            Next = page.Count > limit ? page[limit - 1].Ordinal : null,
        });
    }
}

/// <summary>Answer of `GET /operations/{id}`.</summary>
public sealed record OperationAnswer
{
    public required Guid Operation { get; init; }

    [Description("When the write was accepted, by the clock of the process that accepted it.")]
    public required DateTimeOffset AcceptedAt { get; init; }

    [Description("How many points it has: stored + rejected + pending + lost.")]
    public required int Points { get; init; }

    [Description("On disk and searchable, or, if a later write came first, overridden by it; for a delete, deleted.")]
    public required int Stored { get; init; }

    [Description("Refused after they were accepted; see rejections.")]
    public required int Rejected { get; init; }

    [Description("Still under way, or set aside in an error queue after they failed several times.")]
    public required int Pending { get; init; }

    [Description("One process without a broker only (durable: false): ended with the process before they were stored. Store them again.")]
    public int? Lost { get; init; }

    [Description("Nothing is pending.")]
    public required bool Done { get; init; }

    public required IReadOnlyList<RejectionAnswer> Rejections { get; init; }

    [Description("Where further rejections begin: give it as `after`.")]
    public int? Next { get; init; }
}

/// <summary>A point that was refused.</summary>
/// <param name="Index">Its place in the request's points, from 0.</param>
/// <param name="Reason">What is wrong, and what to do.</param>
public sealed record RejectionAnswer(int Index, string Reason);
