namespace VectorDb.Engine;

// What only the repair of a damaged file needs.
public sealed partial class ShardTransaction
{
    /// <summary>
    /// Brings the tables of this shard in line with each other where the rows themselves decide it: vectors that belong to no row go,
    /// as do tombstones of rows that are there and not older; the counters become what the tables say. Does nothing to a sound shard.
    /// </summary>
    public void Mend()
    {
        Check();
        _isChanging = true;
        foreach (var slot in _store.Mending.StrayVectors())
            RemoveRow(slot);
        _store.Mending.DropOutdatedTombstones();
        _counters = _store.Mending.Count(_counters);
        _changes++;
        _isChanging = false;
    }
}
