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

    /// <summary>A message whose failure could not be published stayed unacknowledged in the failure suite: nobody reads them.</summary>
    [Fact]
    public async Task Failure_IsPublishedToNobody()
    {
        var published = new Published();
        await RunAsync(_ => throw Failure('d'), observer: null, "put aside", published: published);
        Assert.Equal(0, published.Count);
    }

    /// <summary>
    /// By something of its own: MassTransit takes that for a failure of the message. A replica lost changes so, and never caught up.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatIsCancelled_IsGivenBack(bool isLog)
    {
        var attempts = 0;
        await RunAsync(
            _ =>
            {
                attempts++;
                throw new TaskCanceledException();
            },
            observer: null,
            "given back",
            isLog ? EndpointPolicy.ForLog : endpoint => EndpointPolicy.ForWrites(endpoint));
        Assert.Equal(1, attempts);
    }

    /// <summary>The broker never confirms that it has what was put aside.</summary>
    [Fact]
    public async Task WhatIsNotPutAsideInTime_IsGivenBack()
    {
        static Task NeverAsync(ReceiveContext context) => Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        await RunAsync(
            _ => throw Failure('d'),
            observer: null,
            "given back",
            endpoint =>
            {
                PutAside.InTime(endpoint, TimeSpan.FromMilliseconds(50));
                endpoint.ConfigureError(pipe => pipe.UseExecuteAsync(NeverAsync));
            });
    }

    async Task RunAsync(
        Func<ConsumeContext, Task> handle,
        Refusals? observer,
        string end,
        Action<IReceiveEndpointConfigurator>? configure = null,
        Published? published = null)
    {
        var stop = TestContext.Current.CancellationToken;
        var bus = Bus.Factory.CreateUsingInMemory(factory => factory.ReceiveEndpoint("test", endpoint =>
        {
            if (configure is null)
                EndpointPolicy.ForWrites(endpoint);
            else
                configure(endpoint);
            endpoint.Handler<LogBarrier>(context => handle(context));
        }));
        if (published is not null)
            bus.ConnectPublishObserver(published);
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
            // Comes before a message is put aside as well.
            end.TrySetResult(exception is TimeoutException or OperationCanceledException ? "given back" : "put aside");
            return Task.CompletedTask;
        }
    }

    sealed class Published : IPublishObserver
    {
        public int Count { get; private set; }

        public Task PrePublish<T>(PublishContext<T> context)
            where T : class
        {
            Count++;
            return Task.CompletedTask;
        }

        public Task PostPublish<T>(PublishContext<T> context)
            where T : class => Task.CompletedTask;

        public Task PublishFault<T>(PublishContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
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
