using System.Text;
using VectorDb.Contracts;
using VectorDb.IngestWorker;

namespace VectorDb.Roles.Tests;

/// <summary>Plans made with the real model; no bus.</summary>
public sealed class IngestorTests(SharedEmbedder model)
{
    const int Shards = 3;

    static readonly CollectionState ThreeCentroids = Wire.State(Shards, (0, [1, 0, 0]), (1, [0, 1, 0]), (2, [0, 0, 1]));

    readonly Ingestor _ingestor = new(model.Embedder);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void ManyOperations_MakeOneClaimAHomeAndOneUpsertATarget()
    {
        var operations = Enumerable.Range(0, 20).Select(i => Operation([Point(i, axis: i % 3)])).ToList();
        var plan = Plan(operations, ThreeCentroids);
        Assert.Equal(plan.Claims.Select(claim => claim.Shard).Distinct(), plan.Claims.Select(claim => claim.Shard));
        var claims = plan.Claims.SelectMany(claim => claim.Claims.Select(c => (claim.Shard, Claim: c))).ToList();
        Assert.Equal(20, claims.Count);
        Assert.All(claims, item => Assert.Equal(Home.Of(item.Claim.Id, Shards), item.Shard));
        Assert.All(claims, item => Assert.Equal((int)(PointId.FromKey(item.Claim.Id).AsNumber() % 3), item.Claim.Target));

        var upserts = plan.Upserts(Granted(plan)).ToList();
        Assert.Equal([0, 1, 2], upserts.Select(rows => rows.Shard).Order());
        Assert.Equal(20, upserts.Sum(rows => rows.Points.Count));
        Assert.All(upserts, rows => Assert.Equal((1, Shards, 3), (rows.Epoch, rows.ShardCount, rows.Collection.Dimensions)));
    }

    [Fact]
    public void Rows_CarryTheirOperationsGrantsAndContents()
    {
        var point = Point(5, axis: 1) with { Ordinal = 42, Payload = "{}", Text = "kept" };
        var operation = Operation([point]) with { ReplyTo = new("exchange:me") };
        var plan = Plan([operation], ThreeCentroids);
        var grants = Granted(plan, grant => grant with { Version = 77, OtherPlaces = [0, 2] });
        var row = Assert.Single(Assert.Single(plan.Upserts(grants)).Points);
        Assert.Equal((operation.OperationId, 42, operation.ReplyTo), (row.OperationId, row.Ordinal, row.ReplyTo));
        Assert.Equal((77, "{}", "kept"), (row.Version, row.Payload, row.Text));
        Assert.Equal([0, 2], row.OtherPlaces);
        Assert.Equal(operation.Points[0].Vector, row.Vector);
    }

    [Fact]
    public void GrantThatNamesAnotherTarget_DecidesWhereTheRowGoes()
    {
        var plan = Plan([Operation([Point(1, axis: 0), Point(2, axis: 0)])], ThreeCentroids);
        var upserts = plan.Upserts(Granted(plan, grant => grant with { Target = 2 })).ToList();
        Assert.Equal(2, Assert.Single(upserts).Shard);
        Assert.Equal(2, upserts[0].Points.Count);
    }

    [Fact]
    public void PinnedOperation_GoesToItsShardWhateverTheCentroidsSay()
    {
        var plan = Plan([Operation([Point(1, axis: 0)]) with { Shard = 2 }], ThreeCentroids);
        Assert.Equal(2, plan.Claims[0].Claims[0].Target);
    }

    [Fact]
    public void WithoutCentroids_TheTargetIsTheHome()
    {
        var plan = Plan([Operation([.. Enumerable.Range(0, 30).Select(i => Point(i, axis: 0))])], Wire.State(Shards));
        Assert.All(plan.Claims, claim => Assert.All(claim.Claims, c => Assert.Equal(claim.Shard, c.Target)));
    }

    [Fact]
    public void PointsThatCannotBeStored_AreReportedAndTheOthersGoOn()
    {
        var reply = new Uri("exchange:waiting");
        StorePoint[] points =
        [
            Point(1, axis: 0) with { Ordinal = 0 },
            Point(2, axis: 0) with { Ordinal = 1, Vector = Wire.Vector(1, 2) },
            Point(3, axis: 0) with { Ordinal = 2, Vector = null, Text = "a text" },
        ];
        var waiting = Operation(points) with { ReplyTo = reply };
        var silent = Operation([Point(4, axis: 0) with { Vector = [] }]);
        var plan = Plan([waiting, silent], ThreeCentroids);
        Assert.Equal([1UL], plan.Claims.SelectMany(claim => claim.Claims).Select(claim => PointId.FromKey(claim.Id).AsNumber()));
        var (replyTo, rejected) = Assert.Single(plan.Rejections);
        Assert.Equal(reply, replyTo);
        Assert.Equal([1, 2], rejected.Points.Select(point => point.Ordinal));
        Assert.All(rejected.Points, point => Assert.Equal(waiting.OperationId, point.OperationId));
        Assert.Contains("vector of 2 numbers", rejected.Points[0].Reason);
        Assert.Contains("makes vectors of 384 numbers", rejected.Points[1].Reason);
    }

    /// <summary>Only somebody who publishes to the queue himself can send these: the API checks first.</summary>
    [Fact]
    public void ShardsAndNumbersThatDoNotExist_AreReported()
    {
        var reply = new Uri("exchange:waiting");
        StoreVector[] operations =
        [
            Operation([Point(1, axis: 0)]) with { Shard = Shards, ReplyTo = reply },
            Operation([Point(2, axis: 0)]) with { Shard = -1, ReplyTo = reply },
            Operation([Point(3, axis: 0) with { Vector = Wire.Vector(1, float.NaN, 0) }]) with { ReplyTo = reply },
            Operation([Point(4, axis: 0) with { Vector = Wire.Vector(0, 0, 0) }]) with { ReplyTo = reply },
        ];
        var plan = Plan([.. operations], ThreeCentroids);
        Assert.Empty(plan.Claims);
        var reasons = plan.Rejections.SelectMany(item => item.Message.Points).Select(point => point.Reason).ToList();
        Assert.Equal(4, reasons.Count);
        Assert.Contains("asks for shard 3, but the shards are 0 to 2", reasons);
        Assert.Contains("asks for shard -1, but the shards are 0 to 2", reasons);
        Assert.Contains(reasons, reason => reason.Contains("vector[1] that is not finite", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.Contains("vector of zeros only", StringComparison.Ordinal));
    }

    [Fact]
    public void TextsOfManyOperations_GetTheModelsVectors()
    {
        string[] texts = ["a person who studies insects", "", "größer als ein Haus", "a person who studies insects"];
        var operations = texts.Select((text, i) => Operation([Point(i, axis: 0) with { Vector = null, Text = text }])).ToList();
        var state = Wire.State(Shards) with { Shape = new() { Dimensions = 384 } };
        var plan = Plan(operations, state);
        var rows = plan.Upserts(Granted(plan)).SelectMany(upsert => upsert.Points)
            .OrderBy(row => PointId.FromKey(row.Id).AsNumber()).ToList();
        var expected = texts.Select(text => VectorBytes.From(model.Embedder.Embed([text], Stop)[0].Vector));
        Assert.Equal(expected, rows.Select(row => row.Vector));
        Assert.Equal(texts, rows.Select(row => row.Text));
    }

    [Fact]
    public void CollectionOfAnotherModelFile_RefusesTexts()
    {
        var shape = new CollectionShape { Dimensions = 384, Model = "other", ModelChecksum = new string('0', 64) };
        var operation = Operation([Point(1, axis: 0) with { Vector = null, Text = "a" }]) with { ReplyTo = new("exchange:me") };
        var plan = Plan([operation], Wire.State(Shards) with { Shape = shape });
        Assert.Empty(plan.Claims);
        Assert.Contains("made with another model file", Assert.Single(plan.Rejections).Message.Points[0].Reason);
    }

    [Fact]
    public void Upserts_AreCutAt64Rows()
    {
        var plan = Plan([Operation([.. Enumerable.Range(0, 150).Select(i => Point(i, axis: 1))])], ThreeCentroids);
        Assert.Equal([64, 64, 22], plan.Upserts(Granted(plan)).Select(rows => rows.Points.Count));
    }

    [Theory]
    [InlineData('a')]
    [InlineData('語')]
    public void Upserts_AreCutAt512KiB(char letter)
    {
        var text = new string(letter, 40_000);
        var points = Enumerable.Range(0, 40).Select(i => Point(i, axis: 1) with { Text = text });
        var plan = Plan([Operation([.. points])], ThreeCentroids);
        var upserts = plan.Upserts(Granted(plan)).ToList();
        Assert.Equal(40, upserts.Sum(rows => rows.Points.Count));
        Assert.All(upserts, rows => Assert.InRange(rows.Points.Sum(row => Encoding.UTF8.GetByteCount(row.Text!)), 1, 512 * 1024));
        Assert.True(upserts.Count < 40, "points that fit together travel together");
    }

    [Fact]
    public void RowLargerThanABatch_TravelsAlone()
    {
        var large = Point(1, axis: 1) with { Payload = new string('p', 600_000) };
        var plan = Plan([Operation([Point(0, axis: 1), large, Point(2, axis: 1)])], ThreeCentroids);
        Assert.Equal(3, plan.Upserts(Granted(plan)).Sum(rows => rows.Points.Count));
        Assert.Contains(plan.Upserts(Granted(plan)), rows => rows.Points.Count == 1 && rows.Points[0].Payload is not null);
    }

    IngestPlan Plan(IReadOnlyList<StoreVector> operations, CollectionState state) => _ingestor.Plan(operations, new(state, new()), Stop);

    static StoreVector Operation(StorePoint[] points) => new() { OperationId = Guid.NewGuid(), Points = points };

    static StorePoint Point(int number, int axis)
    {
        var vector = new float[3];
        vector[axis] = number + 1;
        return new() { Ordinal = 0, Id = Wire.Id((ulong)number), Vector = VectorBytes.From(vector) };
    }

    /// <summary>What the homes would answer: each claim its target.</summary>
    static IReadOnlyList<IdsClaimed> Granted(IngestPlan plan, Func<IdGrant, IdGrant>? change = null)
    {
        IdGrant Grant(IdClaim claim)
        {
            var grant = new IdGrant { Version = 1, Target = claim.Target, OtherPlaces = [] };
            return change is null ? grant : change(grant);
        }
        return [.. plan.Claims.Select(claim => new IdsClaimed { Grants = [.. claim.Claims.Select(Grant)] })];
    }
}
