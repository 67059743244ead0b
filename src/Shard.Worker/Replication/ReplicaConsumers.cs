using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Replication;

/// <summary>Applies a leader's decision, and has it told.</summary>
public sealed class DirectoryLoggedConsumer(ReplicaLives lives) : IConsumer<DirectoryLogged>
{
    public async Task Consume(ConsumeContext<DirectoryLogged> context)
    {
        var logged = context.Message;
        var replica = await lives[logged.Shard].OpenAsync();
        var applying = await replica.InLogOrderAsync(
            context.ReceiveContext, () => replica.Log.ApplyAsync(logged, context.CancellationToken));
        if (await applying)
            replica.Progress.Applied(logged.Leader, logged.Position);
    }
}

/// <summary>Notes that a mark has come back.</summary>
public sealed class LogBarrierConsumer(ReplicaLives lives) : IConsumer<LogBarrier>
{
    public async Task Consume(ConsumeContext<LogBarrier> context)
    {
        var replica = await lives[context.Message.Shard].OpenAsync();
        await await replica.InLogOrderAsync(
            context.ReceiveContext, () => replica.Log.MeetAsync(context.Message, context.CancellationToken));
    }
}

/// <summary>Notes how far another replica is.</summary>
public sealed class LogAppliedConsumer(ReplicaLives lives) : IConsumer<LogApplied>
{
    public Task Consume(ConsumeContext<LogApplied> context)
    {
        lives[context.Message.Shard].Opened?.Leader.Note(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Answers when everything before it in this replica's queue is committed.</summary>
public sealed class PassBarrierConsumer(ReplicaLives lives) : IConsumer<PassBarrier>
{
    public async Task Consume(ConsumeContext<PassBarrier> context)
    {
        var life = lives[context.Message.Shard];
        var replica = await life.OpenAsync();
        if (context.Message.Replica != replica.Number)
            return;
        await replica.Order.Before(context.ReceiveContext).WaitAsync(life.Ending);
        replica.Marks.Passed(context.Message.Mark);
        if (context.RequestId is not null)
            await context.RespondAsync(new BarrierPassed { Replica = replica.Number });
    }
}

/// <summary>The leader makes a replica a member.</summary>
public sealed class JoinReplicaConsumer(ReplicaLives lives) : IConsumer<JoinReplica>
{
    public async Task Consume(ConsumeContext<JoinReplica> context)
    {
        var replica = await lives[context.Message.Shard].OpenAsync();
        var members = await replica.Leader.JoinAsync(context.Message.Replica, context.CancellationToken);
        await context.RespondAsync(new ReplicaJoined { Members = members });
    }
}

/// <summary>Notes how the other replicas are.</summary>
public sealed class ShardAnnouncedConsumer(ReplicaLives lives) : IConsumer<ShardAnnounced>
{
    public Task Consume(ConsumeContext<ShardAnnounced> context)
    {
        lives.Find(context.Message.Shard)?.Note(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Gets this replica ready to be copied.</summary>
public sealed class BeginCopyConsumer(ReplicaLives lives, ShardSet shards) : IConsumer<BeginCopy>
{
    public async Task Consume(ConsumeContext<BeginCopy> context)
    {
        var life = lives[context.Message.Shard];
        if (!life.IsServing || life.Opened is not { } replica)
            return;
        await replica.Port.DrainWritesAsync(replica.Marks, life.Ending);
        await replica.Port.DrainLogAsync(replica.Log, life.Ending);
        var stats = shards[context.Message.Shard].Engine.Stats;
        await context.RespondAsync(new CopyBegun
        {
            Position = replica.Log.Position,
            Members = replica.Log.Members!,
            Points = stats.Points,
            Shape = stats.Schema is { } schema ? new() { Dimensions = schema.Dimensions, Metric = schema.Metric.ToString() } : null,
        });
    }
}

/// <summary>Reads a page for a replica that copies.</summary>
public sealed class CopyPageConsumer(ShardSet shards) : IConsumer<CopyPage>
{
    public Task Consume(ConsumeContext<CopyPage> context) =>
        context.RespondAsync(CopyPages.Read(shards[context.Message.Shard].Engine.Copy, context.Message));
}
