using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class DeliveryProblemsTests
{
    static readonly Uri Queue = new("exchange:vectordb.ingest");

    /// <summary>As it came out of MassTransit when a connection was reset while a channel was made: found by the soak.</summary>
    [Fact]
    public void BrokenChannel_WillPass()
    {
        var broken = new OperationInterruptedException(
            new ShutdownEventArgs(ShutdownInitiator.Peer, 491, "ObjectDisposedException on channel"));
        Assert.Equal(503, DeliveryProblems.Explain(broken)?.Status);
        Assert.Equal(503, DeliveryProblems.Explain(new InvalidOperationException("outer", broken))?.Status);
    }

    [Fact]
    public void WhatTheQueueSaid_CountsBeforeWhatTheClientSaid()
    {
        var refused = new RabbitMQ.Client.Exceptions.PublishException(1, isReturn: false);
        Assert.Equal(429, DeliveryProblems.Explain(new QueueFullException(Queue, refused))?.Status);
        Assert.Contains("vectordb.ingest", DeliveryProblems.Explain(new NoQueueException(Queue, refused))?.Message);
    }

    [Fact]
    public void AnythingElse_IsNotExplained() => Assert.Null(DeliveryProblems.Explain(new ArgumentException("a defect")));
}
