using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Makes a collection and tells everyone.</summary>
public sealed class DefineCollectionConsumer(CollectionBook collections) : IConsumer<DefineCollection>
{
    public async Task Consume(ConsumeContext<DefineCollection> context)
    {
        var state = await collections.DefineAsync(context.Message.Shape, context.CancellationToken);
        await context.Publish(new CollectionChanged { State = state }, context.CancellationToken);
        await context.RespondAsync(new CollectionDefined { State = state });
    }
}

/// <summary>Says what a collection is.</summary>
public sealed class GetCollectionConsumer(CollectionBook collections) : IConsumer<GetCollection>
{
    public Task Consume(ConsumeContext<GetCollection> context) =>
        context.RespondAsync(new CollectionFound { State = collections.Find(context.Message.Name) });
}

/// <summary>Notes that a shard has moved its rows; when all have, earlier centroids are forgotten and everyone is told.</summary>
public sealed class ShardMigratedConsumer(CollectionBook collections) : IConsumer<ShardMigrated>
{
    public async Task Consume(ConsumeContext<ShardMigrated> context)
    {
        if (await collections.MigratedAsync(context.Message, context.CancellationToken) is { } state)
            await context.Publish(new CollectionChanged { State = state }, context.CancellationToken);
    }
}

/// <summary>Replaces centroids and tells everyone.</summary>
public sealed class SetCentroidsConsumer(CollectionBook collections) : IConsumer<SetCentroids>
{
    public async Task Consume(ConsumeContext<SetCentroids> context)
    {
        if (await collections.SetCentroidsAsync(context.Message, context.CancellationToken) is not { } state)
        {
            await context.RespondAsync(new RequestRefused
            {
                Reason = $"There is no collection '{context.Message.Name}'; store a point first.",
                IsCallersFault = true,
            });
            return;
        }
        await context.Publish(new CollectionChanged { State = state }, context.CancellationToken);
        await context.RespondAsync(new CentroidsSet { State = state });
    }
}
