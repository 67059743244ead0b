using MassTransit;
using MassTransit.RabbitMqTransport;
using VectorDb.ServiceDefaults;

namespace VectorDb.Cluster.Tests;

/// <summary>Over a real broker, because a channel is its own.</summary>
public sealed class PutAsideTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly TaskCompletionSource _again = new(TaskCreationOptions.RunContinuationsAsynchronously);
    object? _stuck;
    int _handled;

    /// <summary>
    /// MassTransit makes an error queue once a channel: where that hung or failed, whatever is put aside over that channel waits for ever.
    /// In the failure suite the queue stood still with it.
    /// </summary>
    [Fact]
    public async Task WhatIsNotPutAsideInTime_IsTriedOverAnotherChannel_AndTheQueueMoves()
    {
        await using var broker = await BrokerNode.StartNewAsync();
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker.Address.Host, (ushort)broker.Address.Port, broker.Address.VHost, host => host.Username(broker.Address.User));
            rabbit.ReceiveEndpoint("sometimes", endpoint =>
            {
                PutAside.InTime(endpoint, TimeSpan.FromSeconds(1));
                endpoint.ConfigureError(pipe => pipe.UseExecuteAsync(StuckOnItsFirstChannelAsync));
                endpoint.Handler<Numbered>(HandleAsync);
            });
        });
        await bus.StartAsync();
        var endpoint = await bus.GetSendEndpoint(new("exchange:sometimes"));
        await endpoint.Send(new Numbered(-1)).WaitAsync(Patience);
        await _again.Task.WaitAsync(Patience);
        await endpoint.Send(new Numbered(1)).WaitAsync(Patience);
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref _handled) == 1), Patience, "what comes after it is handled");
        await bus.StopAsync();
    }

    Task HandleAsync(ConsumeContext<Numbered> context)
    {
        if (context.Message.Number < 0)
            throw new InvalidOperationException("cannot be handled");
        Interlocked.Increment(ref _handled);
        return Task.CompletedTask;
    }

    Task StuckOnItsFirstChannelAsync(ReceiveContext context)
    {
        var channel = context.GetPayload<ChannelContext>().Channel;
        if (Interlocked.CompareExchange(ref _stuck, channel, null) is null || ReferenceEquals(_stuck, channel))
            return Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        _again.TrySetResult();
        return Task.CompletedTask;
    }

    public sealed record Numbered(int Number);
}
