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
            // Its channel may close meanwhile, which is opened again only when nothing of it is held any more.
            await life.OpenAsync().WaitAsync(context.CancellationToken);
            if (forSearch && !life.IsServing)
                await HoldAsync(context.CancellationToken);
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
            await HoldAsync(context.CancellationToken);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("replica-gate");

    async Task HoldAsync(CancellationToken closed)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(life.Ending, closed);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(BeforeReturning, CancellationToken.None);
        throw new OperationCanceledException("The replica's queues close.");
    }
}
