using MassTransit.Context;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Roles.Tests;

public sealed class OutgoingMessagesTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MessageThatIsNotConfirmedInTime_Fails_AndWillPass()
    {
        using var outgoing = new OutgoingMessages { ConfirmedWithin = TimeSpan.FromMilliseconds(50) };
        var context = Message(CancellationToken.None);
        await outgoing.PreSend(context);
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), Stop));
        var late = await Assert.ThrowsAsync<UnconfirmedException>(() => outgoing.SendFault(context, cancelled));
        Assert.Contains("vectordb.shard-1.directory", late.Message);
        Assert.Equal(503, DeliveryProblems.Explain(late)?.Status);
    }

    [Fact]
    public async Task SenderThatGivesUp_IsNotLate()
    {
        using var outgoing = new OutgoingMessages();
        using var sender = new CancellationTokenSource();
        var context = Message(sender.Token);
        await outgoing.PreSend(context);
        Assert.False(context.CancellationToken.IsCancellationRequested);
        await sender.CancelAsync();
        Assert.True(context.CancellationToken.IsCancellationRequested);
        await outgoing.SendFault(context, new OperationCanceledException(context.CancellationToken));
    }

    /// <summary>More than may be under way at once: what failed late must not stay counted.</summary>
    [Fact]
    public async Task LateMessages_MakeRoomForOthers()
    {
        using var outgoing = new OutgoingMessages { ConfirmedWithin = TimeSpan.FromMilliseconds(1) };
        for (var i = 0; i < 600; i++)
        {
            var context = Message(CancellationToken.None);
            await outgoing.PreSend(context).WaitAsync(TimeSpan.FromSeconds(30), Stop);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken));
            await Assert.ThrowsAsync<UnconfirmedException>(
                () => outgoing.SendFault(context, new OperationCanceledException(context.CancellationToken)));
        }
    }

    [Fact]
    public async Task MessageThatNeverEnds_IsReported()
    {
        var stuck = new TaskCompletionSource<Uri?>();
        using var outgoing = new OutgoingMessages { ConfirmedWithin = TimeSpan.FromMilliseconds(50) };
        outgoing.Stuck += address => stuck.TrySetResult(address);
        var context = Message(CancellationToken.None);
        await outgoing.PreSend(context);
        Assert.Equal(context.DestinationAddress, await stuck.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    /// <summary>Sent, failed and given up by its sender: each has ended. An event may be left behind.</summary>
    [Fact]
    public async Task MessagesThatEnd_AndEvents_AreNotReported()
    {
        var stuck = new List<Uri?>();
        using var outgoing = new OutgoingMessages { ConfirmedWithin = TimeSpan.FromMilliseconds(50) };
        outgoing.Stuck += stuck.Add;
        var sent = Message(CancellationToken.None);
        await outgoing.PreSend(sent);
        await outgoing.PostSend(sent);
        var failed = Message(new CancellationToken(canceled: true));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outgoing.PreSend(failed));
        var leftBehind = Message(CancellationToken.None);
        leftBehind.IsPublish = true;
        await outgoing.PreSend(leftBehind);

        var never = Message(CancellationToken.None);
        never.DestinationAddress = new("exchange:never");
        var reported = new TaskCompletionSource();
        outgoing.Stuck += _ => reported.TrySetResult();
        await outgoing.PreSend(never);
        await reported.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Equal([never.DestinationAddress], stuck);
    }

    static MessageSendContext<ReleasePlaces> Message(CancellationToken sender) => new(new() { Shard = 1, Places = [] }, sender)
    {
        DestinationAddress = new("exchange:vectordb.shard-1.directory"),
        Durable = true,
    };
}
