using MassTransit;
using RabbitMQ.Client.Exceptions;

namespace VectorDb.ServiceDefaults;

/// <summary>What a caller is told when a message did not arrive or was not answered.</summary>
public static class DeliveryProblems
{
    /// <summary>429 or 503 with `Retry-After`; null where something else went wrong.</summary>
    public static ProblemException? Explain(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
            switch (cause)
            {
                case ProblemException problem:
                    return problem;
                case QueueFullException full:
                    return ProblemException.Busy($"{full.Message} Nothing of this was taken; try again in a moment.");
                case NoQueueException absent:
                    return ProblemException.Unavailable($"{absent.Message} Nothing of this was taken; then try again.");
                case UnconfirmedException unconfirmed:
                    return ProblemException.Unavailable(
                        $"{unconfirmed.Message} It may still happen. Sending it again is safe: an id is stored once.");
                case ConnectionException:
                    return ProblemException.Unavailable("RabbitMQ cannot be reached; try again. /readyz says when it is back.");
                // MassTransit passes some of the client's failures on as they are, when a channel goes while it is being made.
                case RabbitMQClientException:
                    return ProblemException.Unavailable(
                        $"RabbitMQ has broken this off ({cause.Message}); try again. /readyz says when it is back.");
            }
        return failure is RequestTimeoutException
            ? ProblemException.Unavailable("The shard or worker that must answer this does not; try again. See GET / for health.")
            : null;
    }
}
