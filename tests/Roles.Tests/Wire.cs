using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

/// <summary>Ids, vectors and messages as they travel.</summary>
static class Wire
{
    public const string Cosine = "Cosine";

    /// <summary>Three numbers a vector, unless a test says otherwise.</summary>
    public static CollectionShape Shape { get; } = new() { Dimensions = 3 };

    public static byte[] Id(ulong number) => PointId.From(number).ToKey();

    /// <summary>The key of the first number from `from` on whose home is this shard.</summary>
    public static byte[] IdAt(int home, ulong from)
    {
        while (Home.Of(Id(from), RoleHost.ShardCount) != home)
            from++;
        return Id(from);
    }

    public static byte[] Vector(params float[] numbers) => VectorBytes.From(numbers);

    /// <summary>A row of direction x.</summary>
    public static UpsertPoint Row(byte[] id, long version) => new()
    {
        OperationId = Guid.NewGuid(),
        Ordinal = 0,
        Id = id,
        Version = version,
        Vector = Vector(2, 0, 0),
        Payload = $"{{\"version\":{version}}}",
    };

    public static UpsertPoints Upsert(int shard, params UpsertPoint[] rows) => new()
    {
        Shard = shard,
        Collection = Shape,
        Epoch = 0,
        ShardCount = RoleHost.ShardCount,
        Points = rows,
    };

    public static EvictPoint Eviction(byte[] id, long version) =>
        new() { OperationId = Guid.NewGuid(), Ordinal = 0, Id = id, Version = version };

    public static EvictPoints Evict(int shard, params EvictPoint[] points) =>
        new() { Shard = shard, ShardCount = RoleHost.ShardCount, Points = points };

    public static IdClaim Claim(byte[] id, int target, Guid? operation = null, int ordinal = 0) =>
        new() { OperationId = operation ?? Guid.NewGuid(), Ordinal = ordinal, Id = id, Target = target };

    public static CollectionState State(int shards, params (int Shard, float[] Centroid)[] centroids) => new()
    {
        Shape = new() { Dimensions = centroids.Length == 0 ? 3 : centroids[0].Centroid.Length },
        ShardCount = shards,
        CentroidShards = [.. centroids.Select(c => c.Shard)],
        Centroids = [.. centroids.SelectMany(c => VectorBytes.From(c.Centroid))],
        Epoch = centroids.Length == 0 ? 0 : 1,
        Revision = 1,
    };
}
