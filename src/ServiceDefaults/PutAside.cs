using MassTransit;
using MassTransit.Middleware;
using MassTransit.RabbitMqTransport;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// Moves what cannot be handled to `_error`, and what nobody knows to `_skipped`, as MassTransit does, but does not wait for ever until
/// the broker has it (docs/decisions/0042): that message goes back to its queue and is tried again, over another channel. It may then
/// be put aside twice.
/// </summary>
public static class PutAside
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>`patience`: 30 s if null.</summary>
    public static void InTime(IReceiveEndpointConfigurator endpoint, TimeSpan? patience = null)
    {
        endpoint.ConfigureError(pipe =>
        {
            pipe.UseFilter(new GenerateFaultFilter());
            pipe.UseFilter(new Bounded<ExceptionReceiveContext>(patience ?? Patience));
            pipe.UseFilter(new ErrorTransportFilter());
        });
        endpoint.ConfigureDeadLetter(pipe =>
        {
            pipe.UseFilter(new Bounded<ReceiveContext>(patience ?? Patience));
            pipe.UseFilter(new DeadLetterTransportFilter());
        });
    }

    /// <summary>Leaves behind what follows when it has not ended in time.</summary>
    sealed class Bounded<T>(TimeSpan patience) : IFilter<T>
        where T : class, ReceiveContext
    {
        /// <exception cref="TimeoutException">The message may have been put aside or not.</exception>
        public async Task Send(T context, IPipe<T> next)
        {
            try
            {
                await next.Send(context).WaitAsync(patience, context.CancellationToken);
            }
            catch (TimeoutException e)
            {
                var late = new TimeoutException(
                    $"A message of {context.InputAddress.AbsolutePath} was not put aside within {patience.TotalSeconds:0} s.", e);
                // What hung would hang again: MassTransit makes an error queue once a channel, and whoever comes after one attempt that
                // failed, or behind one that has not ended, waits for ever.
                if (context.TryGetPayload<ChannelContext>(out var channel))
                    channel.NotifyFaulted(late, context.InputAddress);
                throw late;
            }
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("putAsideInTime");
    }
}
