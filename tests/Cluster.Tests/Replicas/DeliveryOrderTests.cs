using System.Collections.Concurrent;
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

    /// <summary>Each once: what was not acknowledged before the cut comes again.</summary>
    readonly ConcurrentDictionary<int, bool> _handled = new();

    bool _waited;

    /// <summary>A channel's numbers begin again when it is replaced, and the consumer keeps its tag.</summary>
    [Fact]
    public async Task AfterALostConnection_EarlierMessagesAreStillWaitedFor()
    {
        await using var broker = await BrokerNode.StartNewAsync();
        using var link = new Link(broker.Address);
        // A send that meets a cut may never end (docs/decisions/0042): only the receiver's cable is cut.
        var sender = Bus.Factory.CreateUsingRabbitMq(rabbit => Connect(rabbit, broker.Address, broker.Address.Port));
        var receiver = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            Connect(rabbit, broker.Address, link.Port);
            rabbit.ReceiveEndpoint("ordered", endpoint =>
            {
                endpoint.ConfigureReceive(receive => receive.UseFilter(_order));
                endpoint.Handler<Numbered>(HandleAsync);
            });
        });
        await receiver.StartAsync();
        await sender.StartAsync();
        for (var i = 0; i < Messages; i++)
            await SendAsync(sender, i);
        await HandledAsync(Messages);

        link.Cut();
        link.Mend(reset: true);
        await SendAsync(sender, Messages);
        await SendAsync(sender, Messages + 1);
        // The second waits for the first.
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref _waited)), Patience, "the second message waits");
        Assert.Equal(Messages, _handled.Count);
        _release.SetResult();
        await HandledAsync(Messages + 2);
        await sender.StopAsync();
        await receiver.StopAsync();
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
        _handled[context.Message.Number] = true;
    }

    static async Task SendAsync(IBus bus, int number)
    {
        var endpoint = await bus.GetSendEndpoint(new("exchange:ordered"));
        await endpoint.Send(new Numbered(number)).WaitAsync(Patience);
    }

    static void Connect(IRabbitMqBusFactoryConfigurator rabbit, BrokerAddress broker, int port) =>
        rabbit.Host(broker.Host, (ushort)port, broker.VHost, host => host.Username(broker.User));

    Task HandledAsync(int count) => Eventually.TrueAsync(
        () => Task.FromResult(_handled.Count >= count), Patience, () => $"{count} are handled, not {_handled.Count}");

    public sealed record Numbered(int Number);
}
