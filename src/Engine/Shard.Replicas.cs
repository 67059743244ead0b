using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

// What replicas of a shard need: changes as values, and copies.
public sealed partial class Shard
{
    /// <summary>
    /// Runs <paramref name="work"/> as <see cref="Write{T}"/> would, notes what it changes in the directory, its claims and the
    /// documents, and undoes everything: the changes are for all replicas of the shard to apply, this one included.
    /// </summary>
    public (T Result, DirectoryChange Change) Plan<T>(Func<ShardTransaction, T> work)
    {
        lock (_writer)
        {
            CheckUsable();
            if (_isWriting)
                throw new InvalidOperationException("Shard.Plan was called inside a Write. Let the callback return first.");
            var transaction = new ShardTransaction(
                _store, _quarantine, _pending, new ShardState(_index, _counters.Value, Now, _options.Graph, IsPlan: true));
            try
            {
                _store.Begin();
                return (work(transaction), transaction.Recorded());
            }
            finally
            {
                transaction.Abandon(_index);
                _store.RollBack();
            }
        }
    }

    /// <summary>
    /// Reads everything of this shard that is not derived, page by page, to make another replica of it. What changes meanwhile may
    /// or may not be in the pages: whoever copies must also get every change made since the first page.
    /// </summary>
    public ShardCopy Copy
    {
        get
        {
            CheckUsable();
            return new ShardCopy(_readers, () => _counters.Value.Version);
        }
    }
}
