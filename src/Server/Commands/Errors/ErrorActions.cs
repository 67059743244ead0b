using VectorDb.IngestWorker.Commands;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Server.Commands.Errors;

/// <summary>What was done to the messages of one queue.</summary>
/// <param name="Queue">The error queue.</param>
/// <param name="Count">Messages replayed or dropped.</param>
/// <param name="TooOld">Messages left, because they are too old to be replayed.</param>
/// <param name="Ids">All that were meant.</param>
/// <param name="Failure">Why it stopped; null where it did not.</param>
sealed record Handled(string Queue, int Count, int TooOld, IReadOnlyList<string> Ids, string? Failure = null);

/// <summary>Replays and drops, queue after queue, and says what came of it.</summary>
static class ErrorActions
{
    public static Task<IReadOnlyList<Handled>> ReplayAsync(
        IReadOnlyList<ErrorQueue> queues, Func<FailedMessage, bool> isMeant, CancellationToken stop) =>
        EachAsync(queues, isMeant, async (queue, meant) => await queue.ReplayAsync(meant, stop));

    public static Task<IReadOnlyList<Handled>> DropAsync(
        IReadOnlyList<ErrorQueue> queues, Func<FailedMessage, bool> isMeant, CancellationToken stop) =>
        EachAsync(queues, isMeant, async (queue, meant) => new Replayed(await queue.DropAsync(meant, stop), 0));

    /// <returns>The exit code: 0 only when everything that was meant was done.</returns>
    public static int Report(IReadOnlyList<Handled> done, string verb, IReadOnlyList<string> missing, bool asJson)
    {
        var isComplete = missing.Count == 0 && done.All(queue => queue.Failure is null && queue.TooOld == 0);
        if (asJson)
        {
            Terminal.WriteJson(new { done, missing });
            return isComplete ? 0 : CommandLine.Failed;
        }
        foreach (var queue in done.Where(queue => queue.Count > 0))
            Console.Out.WriteLine($"{queue.Queue}: {queue.Count:N0} {verb}");
        if (done.All(queue => queue.Count == 0))
            Console.Out.WriteLine($"Nothing was {verb}.");
        foreach (var queue in done)
        {
            if (queue.TooOld > 0)
                Console.Error.WriteLine($"{queue.Queue}: {queue.TooOld:N0} left, because they were sent more than "
                    + $"{QueueSettings.ReplayAgeMax.TotalDays:0.#} days ago: what they are about may have been forgotten, and they could "
                    + "bring back what was deleted. Store it anew if it is wanted, and drop them.");
            if (queue.Failure is not null)
                Console.Error.WriteLine($"{queue.Queue}: {queue.Failure}");
        }
        foreach (var id in missing)
            Console.Error.WriteLine($"There is no message {id}. 'vectordb errors list' shows those that there are.");
        return isComplete ? 0 : CommandLine.Failed;
    }

    static async Task<IReadOnlyList<Handled>> EachAsync(
        IReadOnlyList<ErrorQueue> queues, Func<FailedMessage, bool> isMeant,
        Func<ErrorQueue, Func<FailedMessage, bool>, Task<Replayed>> act)
    {
        var handled = new List<Handled>();
        foreach (var queue in queues)
        {
            var ids = new List<string>();
            bool Note(FailedMessage message)
            {
                if (!isMeant(message))
                    return false;
                ids.Add(message.Id);
                return true;
            }
            try
            {
                var done = await act(queue, Note);
                handled.Add(new(queue.Name, done.Count, done.TooOld, ids));
            }
            catch (BrokerException failure)
            {
                handled.Add(new(queue.Name, Math.Max(0, ids.Count - 1), 0, ids, failure.Message));
            }
        }
        return handled;
    }
}
