namespace VectorDb.ServiceDefaults;

/// <summary>A message was not taken. It is certain that nobody got it, so sending it again is safe.</summary>
public abstract class UndeliveredException(string message, Uri destination, Exception cause) : Exception(message, cause)
{
    /// <summary>The name of the queue as people read it.</summary>
    public string Queue { get; } = NameOf(destination);

    internal static string NameOf(Uri destination) => destination.AbsolutePath[(destination.AbsolutePath.LastIndexOf('/') + 1)..];
}

/// <summary>The queue has as many messages waiting as it may have.</summary>
public sealed class QueueFullException(Uri destination, Exception cause) : UndeliveredException(
    $"The queue {NameOf(destination)} is full: its readers are behind.", destination, cause);

/// <summary>There is no queue of that name: its owner has never been started.</summary>
public sealed class NoQueueException(Uri destination, Exception cause) : UndeliveredException(
    $"There is no queue {NameOf(destination)}: start the worker that owns it.", destination, cause);

/// <summary>The broker has not confirmed a message in time: it may have it or not. Sending it again is safe, as every message is.</summary>
public sealed class UnconfirmedException(Uri destination, Exception cause) : Exception(
    $"RabbitMQ has not confirmed a message for {UndeliveredException.NameOf(destination)}.", cause);
