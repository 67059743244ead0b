using System.Text.Json;
using VectorDb.TestKit.Serving;

namespace VectorDb.TestKit.Survival;

/// <summary>Where a system is reached: any of its APIs, and each shard by itself.</summary>
/// <param name="Apis">They are all the same; at least one.</param>
/// <param name="Shards">In the order of their numbers.</param>
public sealed record Doors(IReadOnlyList<Api> Apis, IReadOnlyList<ShardDoor> Shards)
{
    /// <summary>One process, in which shards have paths instead of ports.</summary>
    public static Doors Of(Api api, int shards) =>
        new([api], [.. Enumerable.Range(0, shards).Select(shard => new ShardDoor(api, $"shards/{shard}/"))]);

    public Api Any(Random random) => Apis[random.Next(Apis.Count)];
}

/// <summary>Where one shard answers for itself.</summary>
/// <param name="Api">The process that owns it.</param>
/// <param name="Path">What its addresses begin with.</param>
public sealed record ShardDoor(Api Api, string Path)
{
    public Task<List<JsonElement>> ListIdsAsync(int pageSize) => Api.ListIdsAsync(Path, pageSize);
}
