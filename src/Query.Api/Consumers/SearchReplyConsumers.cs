using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.QueryApi.Consumers;

/// <summary>Hands a shard's part to the searches that wait for it.</summary>
public sealed class ShardSearchedConsumer(PendingSearches pending) : IConsumer<ShardSearched>
{
    public Task Consume(ConsumeContext<ShardSearched> context)
    {
        if (context.RequestId is { } request)
            pending.Take(request, context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Tells waiting searches that the router refused them.</summary>
public sealed class SearchRejectedConsumer(PendingSearches pending) : IConsumer<SearchRejected>
{
    public Task Consume(ConsumeContext<SearchRejected> context)
    {
        if (context.RequestId is { } request)
            pending.Take(request, context.Message);
        return Task.CompletedTask;
    }
}
