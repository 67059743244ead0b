using System.Runtime.InteropServices;
using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;
using VectorDb.Engine.Kernels;
using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

/// <summary>
/// The changes that one <see cref="Shard.Write{T}"/> makes: all of them or, when it throws, none. To be used only
/// inside the callback, on its thread. It sees its own changes; nobody else does before the commit.
/// </summary>
public sealed partial class ShardTransaction
{
    readonly WriterStore _store;
    readonly Quarantine _quarantine;
    readonly PendingRows _pending;
    readonly List<int> _taken = [];
    readonly List<long> _replaced = [];
    readonly List<QuarantinedRow> _marked = [];
    readonly long _now;
    readonly PlanRecorder? _recorder;
    readonly GraphOptions _graphOptions;
    Counters _counters;
    int _changes;
    bool _isOver;
    bool _isChanging;

    internal ShardTransaction(WriterStore store, Quarantine quarantine, PendingRows pending, in ShardState state)
    {
        (_store, _quarantine, _pending, _now) = (store, quarantine, pending, state.NowMs);
        (Index, _counters, _graphOptions) = (state.Index, state.Counters, state.GraphOptions);
        _recorder = state.IsPlan ? new PlanRecorder() : null;
        pending.Clear();
    }

    /// <summary>
    /// The index that this transaction adds to: the shard's, or a new one when it defines the schema.
    /// </summary>
    internal ShardIndex? Index { get; private set; }

    internal Counters Counters => _counters;

    /// <summary>
    /// Fixes size, metric and model of the shard's vectors. The first definition is kept; repeating it does nothing.
    /// </summary>
    /// <exception cref="SchemaMismatchException">The shard has another one.</exception>
    public void DefineSchema(CollectionSchema schema)
    {
        Check();
        if (schema.Dimensions is < 1 or > ShardLimits.DimensionsMax)
        {
            throw new SchemaMismatchException(
                $"A collection has vectors of 1 to {ShardLimits.DimensionsMax} dimensions, "
                + $"not {schema.Dimensions}. Define another size.");
        }
        if (Index is not null)
        {
            if (Index.Schema != schema)
            {
                throw new SchemaMismatchException(
                    $"This shard holds vectors of {Describe(Index.Schema)}; asked for was {Describe(schema)}. "
                    + "Use the collection as it is, or store the points in another one.");
            }
            return;
        }
        _store.Meta.WriteSchema(schema);
        Index = new ShardIndex(schema, _graphOptions);
        _changes++;
    }

    /// <summary>
    /// Stores a row if its version is higher than that of whatever is kept under its key: a row, a tombstone, a damaged
    /// one.
    /// </summary>
    /// <exception cref="SchemaMissingException">No schema has been defined.</exception>
    /// <exception cref="WrongDimensionsException">The vector has another size than the collection's.</exception>
    /// <exception cref="InvalidPointException">A number is NaN or infinite, the vector cannot be compared, the key is
    /// empty, or the version below 1.</exception>
    public UpsertOutcome Upsert(PointRow row)
    {
        Check();
        var index = Index ?? throw new SchemaMissingException(
            "This shard does not know yet what its vectors look like. Call DefineSchema first.");
        PointRules.Check(row, index.Schema);
        var (oldSlot, oldVersion) = _store.Rows.Find(row.Key);
        var tombstoneVersion = TombstoneVersion(row.Key);
        if (row.Version <= Math.Max(oldVersion, tombstoneVersion))
            return UpsertOutcome.Superseded;
        _isChanging = true;
        if (oldSlot >= 0)
            RemoveRow(oldSlot);
        if (tombstoneVersion > 0)
        {
            _store.Rows.DeleteTombstone(row.Key);
            _counters.Tombstones--;
        }
        var slot = index.TakeSlot(_quarantine.Holds);
        _taken.Add(slot);
        var vector = _pending.Add(slot, index.Schema.Dimensions);
        if (index.Schema.Metric == Metric.Cosine)
            Norms.Normalize(row.Vector, Norms.Length(row.Vector), vector);
        else
            row.Vector.CopyTo(vector);
        index.Describe(slot, row.Key, row.Version);
        _pending.Stamp(_store.Rows.Insert(slot, row, vector, NextSequence()));
        _counters.Points++;
        _isChanging = false;
        return UpsertOutcome.Applied;
    }

    /// <summary>
    /// Removes the row of a key if its version is below <paramref name="version"/>, and leaves a tombstone of that
    /// version, even where nothing was, so that a late older row is refused. A row of that version or a higher one
    /// stays as it is.
    /// </summary>
    /// <returns>Whether a row was removed.</returns>
    public bool Evict(PointKey key, long version)
    {
        Check();
        PointRules.Check(key, version);
        var (slot, rowVersion) = _store.Rows.Find(key);
        if (slot >= 0 && rowVersion >= version)
            return false;
        _isChanging = true;
        if (slot >= 0)
            RemoveRow(slot);
        var tombstoneVersion = TombstoneVersion(key);
        if (tombstoneVersion < version)
        {
            _store.Rows.SetTombstone(key, version, NextSequence(), _now);
            if (tombstoneVersion == 0)
                _counters.Tombstones++;
        }
        _isChanging = false;
        return slot >= 0;
    }

    /// <summary>
    /// Gives an operation on an id its version, at the id's home, and records where the row will be. Repeated, it gives
    /// the same answer, with the places that are left to evict. Deleting an id that is unknown or deleted gives no new
    /// version and leaves the directory as it is.
    /// </summary>
    /// <exception cref="ClaimReusedException">The operation and ordinal were used for another id.</exception>
    public ClaimGrant Claim(in Claim claim)
    {
        Check();
        PointRules.Check(claim.Key, version: 1);
        var entry = _store.Directory.Find(claim.Key);
        if (_store.Directory.FindClaim(claim) is { } remembered)
            return Repeat(claim, remembered, entry);
        if (claim.OnlyIfVersion is { } expected && !IsLatest(claim, entry, expected))
            return new ClaimGrant(Version: 0, claim.Target, OtherPlaces: [], entry is { Deleted: false });
        _isChanging = true;
        if (claim.Target is null && entry is not { Deleted: false })
            return RememberNothingToDelete(claim, entry?.Version ?? 0);
        var (version, target) = (++_counters.Version, claim.Target);
        var granted = new RememberedClaim(version, target, entry is { Deleted: false });
        var places = (entry?.Places ?? []).Where(place => place.Shard != target).ToList();
        var grant = new ClaimGrant(version, target, [.. places.Select(place => place.Shard)], granted.Existed);
        if (target is { } shard)
            places.Add(new Place(shard, version));
        places.Sort((left, right) => left.Shard.CompareTo(right.Shard));
        SetEntry(new DirectoryEntry(claim.Key, version, target is null, places));
        AddClaim(claim, granted);
        _counters.DirectoryEntries += (target is null ? 0 : 1) - (granted.Existed ? 1 : 0);
        _isChanging = false;
        return grant;
    }

    bool IsLatest(in Claim claim, DirectoryEntry? entry, long expected) => entry is { Deleted: false }
        && (entry.Version == expected || (entry.Version > expected && _store.Directory.AtOf(claim.Key) < claim.SettledBeforeMs));

    /// <summary>Remembered all the same: the delete, delivered again, must not reach a point that was stored since.</summary>
    ClaimGrant RememberNothingToDelete(in Claim claim, long version)
    {
        AddClaim(claim, new RememberedClaim(version, Target: null, Existed: false));
        _isChanging = false;
        return new ClaimGrant(version, Target: null, OtherPlaces: [], Existed: false);
    }

    /// <summary>
    /// Notes that a row belongs where it is under the centroids of <paramref name="epoch"/>. Nothing happens when the row has
    /// another version by now.
    /// </summary>
    public void SetEpoch(PointKey key, long version, int epoch)
    {
        Check();
        _store.Rows.SetEpoch(key, version, epoch);
        _changes++;
    }

    /// <summary>
    /// Records what became of points of an operation, for <see cref="Shard.Outcomes"/>. Recorded again by a redelivered message, it
    /// only stands there twice.
    /// </summary>
    /// <param name="operation">The caller's id of the operation.</param>
    /// <param name="ordinals">Which of its points.</param>
    /// <param name="refusal">Why they are not stored; null where they are.</param>
    public void Record(Guid operation, IReadOnlyList<int> ordinals, string? refusal = null)
    {
        Check();
        _store.Outcomes.Add(operation, ordinals, refusal, _now);
        _recorder?.Outcomes.Add(new OutcomeRecord(operation, ordinals, refusal));
        _changes++;
    }

    /// <summary>Keeps a small document under a name, in place of the one before.</summary>
    public void PutDocument(string name, ReadOnlySpan<byte> bytes)
    {
        Check();
        ArgumentException.ThrowIfNullOrEmpty(name);
        _store.Meta.WriteDocument(name, bytes);
        _recorder?.Documents.Add(new NamedDocument(name, bytes.ToArray()));
        _changes++;
    }

    /// <summary>A document as this transaction sees it; null when there is none.</summary>
    public byte[]? GetDocument(string name)
    {
        Check();
        return _store.Meta.ReadDocument(name);
    }

    /// <summary>Takes over what another replica's transaction changed. Applied again, it changes nothing that can be asked for.</summary>
    public void Apply(DirectoryChange change)
    {
        Check();
        _isChanging = true;
        foreach (var entry in change.Entries)
        {
            var wasLive = _store.Directory.Find(entry.Key) is { Deleted: false };
            SetEntry(entry);
            _counters.DirectoryEntries += (entry.Deleted ? 0 : 1) - (wasLive ? 1 : 0);
        }
        foreach (var claim in change.Claims)
        {
            _store.Directory.PutClaim(claim, _now);
            _changes++;
        }
        _isChanging = false;
        foreach (var document in change.Documents)
            PutDocument(document.Name, document.Bytes);
        foreach (var outcome in change.Outcomes)
            Record(outcome.Operation, outcome.Ordinals, outcome.Refusal);
        if (change.Version > _counters.Version)
        {
            _counters.Version = change.Version;
            _changes++;
        }
    }

    /// <summary>What was changed so far in the directory, its claims and the documents, when this is a plan.</summary>
    internal DirectoryChange Recorded() => new()
    {
        Version = _counters.Version,
        Entries = [.. _recorder!.Entries.Values],
        Claims = [.. _recorder.Claims],
        Outcomes = [.. _recorder.Outcomes],
        Documents = [.. _recorder.Documents],
    };

    /// <summary>Takes rows out of service that readers found damaged.</summary>
    internal void Mark(IReadOnlyList<QuarantinedRow> damaged)
    {
        foreach (var row in damaged)
        {
            // Since it was met, the row may have been replaced or evicted.
            if (Index?.Holds((int)row.Slot, row.Key, row.Version) != true)
            {
                _quarantine.Forget(row.Slot);
                continue;
            }
            _store.Rows.Quarantine(row);
            _quarantine.Mark(row);
            _marked.Add(row);
            _pending.Hide((int)row.Slot);
            _counters.Points--;
            _changes++;
        }
    }

    /// <summary>The last writes before the commit.</summary>
    internal void Finish()
    {
        Check();
        if (_changes > 0)
        {
            _counters.Tombstones -= _store.Retention.Collect(_now, _changes);
            _store.Meta.WriteCounters(_counters);
        }
        _isOver = true;
    }

    /// <summary>After the commit.</summary>
    internal void Publish()
    {
        foreach (var slot in _replaced)
            _quarantine.Replace(slot);
        if (!_pending.IsEmpty)
            Index!.Publish(_pending);
    }

    /// <summary>Instead of the commit.</summary>
    /// <param name="current">The shard's index, which stays; one that this transaction made goes.</param>
    internal void Abandon(ShardIndex? current)
    {
        _isOver = true;
        foreach (var row in _marked)
            _quarantine.Unmark(row);
        if (ReferenceEquals(Index, current))
            Index?.GiveBack(CollectionsMarshal.AsSpan(_taken));
        else
            Index?.Dispose();
    }

    void SetEntry(DirectoryEntry entry)
    {
        _store.Directory.Set(entry, _now);
        if (_recorder is not null)
            _recorder.Entries[entry.Key] = entry;
        _changes++;
    }

    void AddClaim(in Claim claim, RememberedClaim remembered)
    {
        var record = new ClaimRecord(
            claim.Operation, claim.Ordinal, Checksums.OfBytes(claim.Key.Span), remembered.Version, remembered.Target, remembered.Existed);
        _store.Directory.PutClaim(record, _now);
        _recorder?.Claims.Add(record);
        _changes++;
    }

    void RemoveRow(long slot)
    {
        if (_quarantine.Holds(slot))
        {
            _store.Rows.DeleteQuarantined(slot);
            _replaced.Add(slot);
            return;
        }
        _store.Rows.Delete((int)slot);
        _pending.Remove((int)slot, Index!.IsPublished((int)slot), Index.Schema.Dimensions);
        _counters.Points--;
    }

    long TombstoneVersion(PointKey key) => _counters.Tombstones == 0 ? 0 : _store.Rows.TombstoneVersion(key);

    long NextSequence()
    {
        _changes++;
        return ++_counters.Sequence;
    }

    void Check()
    {
        if (_isOver)
            throw new InvalidOperationException(
                "This transaction is over. Use it only inside the callback of Shard.Write.");
        if (_isChanging)
            throw new InvalidOperationException(
                "A call on this transaction failed half-way. Let its exception leave Shard.Write.");
    }

    static string Describe(CollectionSchema schema) =>
        $"{schema.Dimensions} dimensions, {schema.Metric}"
        + (schema.Model is { } model ? $", model {model} ({schema.ModelChecksum ?? "no checksum"})" : ", no model");
}

/// <summary>What became of a row that was to be stored.</summary>
public enum UpsertOutcome
{
    /// <summary>It is what the shard now holds under its key.</summary>
    Applied,

    /// <summary>The shard has the same version or a later one, so nothing changed.</summary>
    Superseded,
}
