using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>What a worker sends about searches: its shards' parts to the API, and questions to shards that are elsewhere.</summary>
static class SearchReply
{
    /// <summary>Parts travel together up to this size; a part that is larger travels alone.</summary>
    const int BytesMax = 1_000_000;

    /// <summary>About what a hit takes without payload, text and vector.</summary>
    const int HitBytes = 48;

    public static async Task SendAsync(ConsumeContext<SearchShard> context, IReadOnlyList<ShardPart> parts)
    {
        var first = 0;
        long bytes = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var size = SizeOf(parts[i]);
            if (i > first && bytes + size > BytesMax)
            {
                await context.RespondAsync(Together(parts, first, i));
                (first, bytes) = (i, 0);
            }
            bytes += size;
        }
        await context.RespondAsync(Together(parts, first, parts.Count));
    }

    /// <summary>As the router would have sent it; answered with the reason where no queue takes it.</summary>
    public static async Task PassOnAsync(ConsumeContext<SearchShard> context, SearchShard message)
    {
        try
        {
            await context.PassOnAsync(ShardAddress.Search(message.Shard), message);
        }
        catch (UndeliveredException e)
        {
            await context.RespondAsync(message.Failed(e.Message));
        }
    }

    static ShardSearched Together(IReadOnlyList<ShardPart> parts, int first, int end) =>
        new() { Shard = parts[first].Shard, Answers = parts[first].Answers, Also = [.. parts.Take(end).Skip(first + 1)] };

    static long SizeOf(ShardPart part) => part.Answers.Sum(answer => answer.Hits.Sum(hit =>
        HitBytes + hit.Id.Length + (hit.Payload?.Length ?? 0) + (hit.Text?.Length ?? 0) + (long)(hit.Vector?.Length ?? 0)));
}
