using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

public sealed class EndpointPolicyTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly Uri Next = new("queue:next");

    readonly TaskCompletionSource<string> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Each letter is one attempt: f meets a full queue, d a defect.</summary>
    [Theory]
    [InlineData("ff", "handled")]
    [InlineData("fdf", "handled")]
    [InlineData("fdddd", "put aside")]
    public async Task WhatWillPass_IsTriedUntilItHas_WhateverElseWentWrong(string failures, string end)
    {
        var attempts = 0;
        await RunAsync(
            _ => attempts++ < failures.Length ? throw Failure(failures[attempts - 1]) : Task.CompletedTask, observer: null, end);
        Assert.Equal(failures.Length + (end == "handled" ? 1 : 0), attempts);
    }

    /// <summary>
    /// MassTransit remembers what a consumer sent through its context and failed, and puts the message aside although the next try
    /// succeeded: found with a replica's full queue.
    /// </summary>
    [Fact]
    public async Task WhatWasRefusedAtFirst_IsNotPutAsideAfterwards()
    {
        var refusals = new Refusals { Left = 2 };
        await RunAsync(
            context => context.SendAllAsync([new(Next, new LogBarrier { Shard = 1, Mark = Guid.NewGuid() })]), refusals, "handled");
        Assert.Equal(-1, refusals.Left);
    }

    async Task RunAsync(Func<ConsumeContext, Task> handle, Refusals? observer, string end)
    {
        var stop = TestContext.Current.CancellationToken;
        var bus = Bus.Factory.CreateUsingInMemory(factory =>
        {
            factory.ReceiveEndpoint("test", endpoint =>
            {
                EndpointPolicy.ForWrites(endpoint);
                endpoint.Handler<LogBarrier>(context => handle(context));
            });
        });
        bus.ConnectReceiveObserver(new Ends(_end));
        if (observer is not null)
            bus.ConnectSendObserver(observer);
        await bus.StartAsync(stop);
        try
        {
            var endpoint = await bus.GetSendEndpoint(new("queue:test"));
            await endpoint.Send(new LogBarrier { Shard = 0, Mark = Guid.NewGuid() }, stop);
            Assert.Equal(end, await _end.Task.WaitAsync(Patience, stop));
        }
        finally
        {
            await bus.StopAsync(stop);
        }
    }

    static Exception Failure(char kind) => kind == 'f'
        ? new QueueFullException(Next, new InvalidOperationException("refused"))
        : new InvalidOperationException("a defect");

    /// <summary>How the message ended, when everything that belongs to it has.</summary>
    sealed class Ends(TaskCompletionSource<string> end) : IReceiveObserver
    {
        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context)
        {
            end.TrySetResult(context.IsFaulted ? "put aside" : "handled");
            return Task.CompletedTask;
        }

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception)
        {
            end.TrySetResult("put aside");
            return Task.CompletedTask;
        }
    }

    /// <summary>The next queue refuses so many messages.</summary>
    sealed class Refusals : ISendObserver
    {
        public int Left { get; set; }

        public Task PreSend<T>(SendContext<T> context)
            where T : class =>
            context.DestinationAddress!.AbsolutePath.EndsWith("next") && Left-- > 0 ? throw Failure('f') : Task.CompletedTask;

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
