using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.QueryApi.Consumers;

/// <summary>Notes which points are on disk.</summary>
public sealed class PointsStoredConsumer(PendingWrites pending) : IConsumer<PointsStored>
{
    public Task Consume(ConsumeContext<PointsStored> context)
    {
        pending.Take(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Notes which older rows are gone.</summary>
public sealed class PointsEvictedConsumer(PendingWrites pending) : IConsumer<PointsEvicted>
{
    public Task Consume(ConsumeContext<PointsEvicted> context)
    {
        pending.Take(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Notes which deletes the home has recorded.</summary>
public sealed class PointsDeletedConsumer(PendingWrites pending) : IConsumer<PointsDeleted>
{
    public Task Consume(ConsumeContext<PointsDeleted> context)
    {
        pending.Take(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Notes which points the router refused.</summary>
public sealed class PointsRejectedConsumer(PendingWrites pending) : IConsumer<PointsRejected>
{
    public Task Consume(ConsumeContext<PointsRejected> context)
    {
        pending.Take(context.Message);
        return Task.CompletedTask;
    }
}
