using MassTransit;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Lets a message in only while its replica may handle it; else holds it until the replica's queues close, when it goes back to the
/// broker, to another replica or to the next life of this one. Nothing is answered wrongly, nothing is lost, nothing spins.
/// </summary>
public sealed class ReplicaGate(ReplicaLife life, bool forSearch) : IFilter<ConsumeContext>
{
    /// <summary>
    /// Time for the broker to hear that this consumer goes, before a message is given back: else it would come straight back.
    /// </summary>
    static readonly TimeSpan BeforeReturning = TimeSpan.FromMilliseconds(300);

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            await life.OpenAsync();
            if (forSearch && !life.IsServing)
                await HoldAsync();
            await next.Send(context);
        }
        catch (OperationCanceledException)
        {
            await Task.Delay(BeforeReturning, CancellationToken.None);
            throw;
        }
        catch (Exception e) when (!forSearch && ReplicaLife.IsOfThisReplica(e))
        {
            // The others may have applied it, so it must not go to an error queue: this replica would be different from then on.
            life.Fail(e);
            await HoldAsync();
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("replica-gate");

    async Task HoldAsync()
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, life.Ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(BeforeReturning, CancellationToken.None);
        throw new OperationCanceledException("The replica's queues close.");
    }
}
