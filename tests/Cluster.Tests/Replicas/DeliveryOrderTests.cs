using MassTransit;
using VectorDb.ServiceDefaults;

namespace VectorDb.Cluster.Tests.Replicas;

/// <summary>Over a real broker, because the numbers and the channels are its own.</summary>
public sealed class DeliveryOrderTests
{
    const int Messages = 5;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly DeliveryOrder _order = new();
    readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _handled;
    bool _waited;

    /// <summary>A channel's numbers begin again when it is replaced, and the consumer keeps its tag.</summary>
    [Fact]
    public async Task AfterALostConnection_EarlierMessagesAreStillWaitedFor()
    {
        await using var broker = await BrokerNode.StartNewAsync();
        using var link = new Link(broker.Address);
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker.Address.Host, (ushort)link.Port, broker.Address.VHost, host => host.Username(broker.Address.User));
            rabbit.ReceiveEndpoint("ordered", endpoint =>
            {
                endpoint.ConfigureReceive(receive => receive.UseFilter(_order));
                endpoint.Handler<Numbered>(HandleAsync);
            });
        });
        await bus.StartAsync();
        for (var i = 0; i < Messages; i++)
            await SendAsync(bus, i);
        await HandledAsync(Messages);

        link.Cut();
        link.Mend(reset: true);
        await SendAsync(bus, Messages);
        await SendAsync(bus, Messages + 1);
        // The second waits for the first.
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref _waited)), Patience, "the second message waits");
        Assert.Equal(Messages, Volatile.Read(ref _handled));
        _release.SetResult();
        await HandledAsync(Messages + 2);
        await bus.StopAsync();
    }

    async Task HandleAsync(ConsumeContext<Numbered> context)
    {
        if (context.Message.Number == Messages)
            await _release.Task;
        else if (context.Message.Number > Messages)
        {
            var before = _order.Before(context.ReceiveContext);
            Volatile.Write(ref _waited, !before.IsCompleted);
            await before;
        }
        Interlocked.Increment(ref _handled);
    }

    /// <summary>Sent again while there is no connection.</summary>
    static async Task SendAsync(IBus bus, int number)
    {
        var endpoint = await bus.GetSendEndpoint(new("queue:ordered"));
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await endpoint.Send(new Numbered(number)).WaitAsync(Patience);
                    return true;
                }
                catch (Exception e) when (DeliveryProblems.Explain(e) is not null)
                {
                    return false;
                }
            },
            Patience,
            $"message {number} is sent");
    }

    Task HandledAsync(int count) => Eventually.TrueAsync(
        () => Task.FromResult(Volatile.Read(ref _handled) >= count), Patience, () => $"{count} are handled, not {_handled}");

    public sealed record Numbered(int Number);
}
