using MassTransit;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// Gives a message whose handling was cancelled back to its queue. MassTransit does so only where it cancelled itself; a consumer that
/// is cancelled otherwise, because its replica ends or its turn does not come, would have its message put aside, and lost to a replica.
/// </summary>
public sealed class GiveBack : IFilter<ConsumeContext>
{
    public static bool IsFor(Exception failure) => failure is OperationCanceledException or ConsumerCanceledException;

    /// <exception cref="OperationCanceledException">The message goes back.</exception>
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            await next.Send(context);
        }
        catch (ConsumerCanceledException e)
        {
            throw new OperationCanceledException(e.Message, e);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("giveBack");
}
