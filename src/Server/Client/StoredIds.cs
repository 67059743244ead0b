using VectorDb.Contracts;

namespace VectorDb.Server.Client;

/// <summary>The ids of everything that a server holds, read shard by shard.</summary>
public static class StoredIds
{
    const int PageSize = 10_000;

    public static async Task<HashSet<PointId>> FetchAsync(
        VectorDbClient client, ServerStatus status, CancellationToken cancellationToken)
    {
        var ids = new HashSet<PointId>();
        foreach (var shard in status.Shards)
        {
            string? after = null;
            do
            {
                var page = await client.ListIdsAsync(shard.Shard, after, PageSize, cancellationToken);
                ids.UnionWith(page.Ids);
                after = page.Next;
            }
            while (after is not null);
        }

        return ids;
    }
}
