using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

/// <summary>The fate of operations, asked of real shards behind a real router.</summary>
public sealed class OperationReaderTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    readonly RoleHost _host = pipeline.Host;
    readonly Inbox _inbox = pipeline.Inbox;

    OperationReader Operations => _host.Services.GetRequiredService<OperationReader>();

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operation_IsPendingUntilItsPointsAreStoredOrRefused()
    {
        await DefineAsync();
        var operation = Operation(100, 60);
        Assert.Equal((0, 0, 60), await CountsAsync(operation));
        var (first, second) = (operation.Points.Take(40).ToList(), operation.Points.Skip(40).ToList());
        await _host.SendAsync(ShardAddress.Ingest, operation with { Points = first });
        await Eventually.TrueAsync(() => CountsAsync(operation).Result == (40, 0, 20), "the first message is stored");
        second = [.. second.Select(point => point.Ordinal % 2 == 0 ? point : point with { Vector = Wire.Vector(1, 2) })];
        await _host.SendAsync(ShardAddress.Ingest, operation with { Points = second });
        await Eventually.TrueAsync(() => CountsAsync(operation).Result == (50, 10, 0), "the second message is stored or refused");
        var fate = await Operations.FindAsync(operation.OperationId, Stop);
        Assert.True(fate.IsDone);
        var refusals = fate.Refusals(-1, 100);
        Assert.Equal([41, 43, 45, 47, 49, 51, 53, 55, 57, 59], refusals.Select(refusal => refusal.Ordinal));
        Assert.All(refusals, refusal => Assert.Contains("has a vector of 2 numbers", refusal.Reason));
    }

    [Fact]
    public async Task SameMessageTwice_CountsOnce()
    {
        await DefineAsync();
        var operation = Operation(300, 3) with { ReplyTo = _inbox.Address };
        operation = operation with { Points = [.. operation.Points.Take(2), operation.Points[2] with { Vector = Wire.Vector(1) }] };
        for (var time = 0; time < 2; time++)
            await _host.SendAsync(ShardAddress.Ingest, operation);
        await Eventually.TrueAsync(
            () => _inbox.All<PointsRejected>().SelectMany(sent => sent.Points)
                    .Count(point => point.OperationId == operation.OperationId) == 2
                && _inbox.All<PointsStored>().SelectMany(stored => stored.Points)
                    .Count(point => point.OperationId == operation.OperationId) == 4,
            "both messages are dealt with");
        await Eventually.TrueAsync(() => CountsAsync(operation).Result == (2, 1, 0), "each point counts once");
    }

    [Fact]
    public async Task OverwrittenPoint_WasStoredAllTheSame()
    {
        await DefineAsync();
        var (first, second) = (Operation(400, 1), Operation(400, 1));
        foreach (var operation in new[] { first, second })
        {
            await _host.SendAsync(ShardAddress.Ingest, operation);
            await Eventually.TrueAsync(() => CountsAsync(operation).Result == (1, 0, 0), "it is stored");
        }
        Assert.Equal((1, 0, 0), await CountsAsync(first));
    }

    [Fact]
    public async Task Delete_IsKnownAtTheHome()
    {
        var id = Wire.Id(500);
        var operation = OperationId.New(1, Now);
        var home = Home.Of(id, RoleHost.ShardCount);
        await _host.SendAsync(ShardAddress.Directory(home), new DeletePoints
        {
            Shard = home,
            ShardCount = RoleHost.ShardCount,
            OperationId = operation,
            Points = [new() { Ordinal = 0, Id = id }],
        });
        await Eventually.TrueAsync(() => Operations.FindAsync(operation, Stop).Result.Stored == 1, "the delete is recorded");
    }

    [Fact]
    public async Task AnswerOfAnIdThatIsNotAnOperations_Is404()
    {
        foreach (var id in new[] { Guid.NewGuid(), Guid.Empty })
            Assert.Contains("202", await ProblemAsync(id));
        Assert.Contains("kept for 7 days", await ProblemAsync(OperationId.New(3, Now.AddDays(-7.1))));

        async Task<string> ProblemAsync(Guid id)
        {
            var problem = await Assert.ThrowsAsync<ProblemException>(() => Operations.FindAsync(id, Stop));
            Assert.Equal(404, problem.Status);
            return problem.Message;
        }
    }

    async Task<(int Stored, int Rejected, int Pending)> CountsAsync(StoreVector operation)
    {
        var fate = await Operations.FindAsync(operation.OperationId, Stop);
        Assert.Equal(0, fate.Lost);
        return (fate.Stored, fate.Rejected, fate.Pending);
    }

    Task DefineAsync() => _host.AskAsync<DefineCollection, CollectionDefined>(
        ShardAddress.Directory(ShardAddress.KeeperShard), new() { Shape = Wire.Shape });

    static StoreVector Operation(ulong firstId, int points) => new()
    {
        OperationId = OperationId.New(points, Now),
        Points = [.. Enumerable.Range(0, points).Select(i => new StorePoint
        {
            Ordinal = i,
            Id = Wire.Id(firstId + (ulong)i),
            Vector = Wire.Vector(1, i, 2),
        })],
    };
}
