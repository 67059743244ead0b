using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Makes a collection and tells everyone.</summary>
public sealed class DefineCollectionConsumer(CollectionBook collections) : IConsumer<DefineCollection>
{
    public async Task Consume(ConsumeContext<DefineCollection> context)
    {
        var state = await collections.DefineAsync(context.Message.Shape, context.CancellationToken);
        await context.Publish(new CollectionChanged { State = state }).LeaveBehindAsync(context.CancellationToken);
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
            await context.Publish(new CollectionChanged { State = state }).LeaveBehindAsync(context.CancellationToken);
    }
}

/// <summary>Replaces centroids and tells everyone.</summary>
public sealed class SetCentroidsConsumer(CollectionBook collections) : IConsumer<SetCentroids>
{
    public async Task Consume(ConsumeContext<SetCentroids> context)
    {
        var (state, refusal) = await collections.SetCentroidsAsync(context.Message, context.CancellationToken);
        if (refusal is not null)
        {
            await context.RespondAsync(new RequestRefused { Reason = refusal, IsCallersFault = true });
            return;
        }
        await context.Publish(new CollectionChanged { State = state! }).LeaveBehindAsync(context.CancellationToken);
        await context.RespondAsync(new CentroidsSet { State = state! });
    }
}

/// <summary>Begins a change of the number of shards and tells everyone.</summary>
public sealed class ChangeShardCountConsumer(CollectionBook collections) : IConsumer<ChangeShardCount>
{
    public async Task Consume(ConsumeContext<ChangeShardCount> context)
    {
        var (state, refusal) = await collections.ChangeCountAsync(context.Message, context.CancellationToken);
        if (refusal is not null)
        {
            await context.RespondAsync(new RequestRefused { Reason = refusal, IsCallersFault = true });
            return;
        }
        await context.Publish(new CollectionChanged { State = state! }).LeaveBehindAsync(context.CancellationToken);
        await context.RespondAsync(new ShardCountChanging { State = state! });
    }
}

/// <summary>Notes that a shard has done its part of a step; when all have, the next one begins. Everyone is told.</summary>
public sealed class ChangeStepFinishedConsumer(CollectionBook collections) : IConsumer<ChangeStepFinished>
{
    public async Task Consume(ConsumeContext<ChangeStepFinished> context)
    {
        if (await collections.StepFinishedAsync(context.Message, context.CancellationToken) is { } state)
            await context.Publish(new CollectionChanged { State = state }).LeaveBehindAsync(context.CancellationToken);
    }
}
