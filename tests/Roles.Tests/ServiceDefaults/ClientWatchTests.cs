using MassTransit.Context;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Roles.Tests.ServiceDefaults;

public sealed class ClientWatchTests
{
    [Fact]
    public async Task StuckClient_EndsTheProcess_WithACodeThatSaysStartAgain()
    {
        using var outgoing = new OutgoingMessages { ConfirmedWithin = TimeSpan.FromMilliseconds(50) };
        using var host = new HostBuilder().Build();
        var lifetime = (IHostApplicationLifetime)host.Services.GetService(typeof(IHostApplicationLifetime))!;
        var watch = new ClientWatch(outgoing, lifetime, NullLogger<ClientWatch>.Instance);
        var ended = new TaskCompletionSource();
        using var noted = lifetime.ApplicationStopping.Register(ended.SetResult);
        var before = Environment.ExitCode;
        try
        {
            await watch.StartAsync(TestContext.Current.CancellationToken);
            await outgoing.PreSend(new MessageSendContext<ReleasePlaces>(new() { Shard = 1, Places = [] }, CancellationToken.None)
            {
                DestinationAddress = new("exchange:vectordb.shard-1.directory"),
            });
            await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Equal(ClientWatch.ExitCode, Environment.ExitCode);
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }
}
