namespace VectorDb.ShardWorker.Checking;

/// <summary>Collects what a check finds: all repairs, all counts, the first of the sentences. One thread.</summary>
public sealed class Findings
{
    /// <summary>Sentences that are kept: enough to see what happened, few enough to be read.</summary>
    public const int ShownMax = 50;

    const string NotRepairable = " Not repairable: restore from a backup (docs/operations.md), or ";

    readonly List<string> _damage = [];
    readonly Dictionary<string, long> _notes = [];
    readonly List<Repair> _repairs = [];
    readonly HashSet<int> _mended = [];
    long _damageCount;
    long _beyondRepair;

    public long Rows { get; set; }

    public long Entries { get; set; }

    /// <summary>Something is wrong that a repair puts right.</summary>
    public void Damage(string sentence)
    {
        _damageCount++;
        if (_damage.Count < ShownMax)
            _damage.Add(sentence);
    }

    /// <summary>Something is wrong that only its owner can put right; `remedy`: what else than a backup helps.</summary>
    public void Loss(string sentence, string remedy)
    {
        _beyondRepair++;
        Damage(sentence + NotRepairable + remedy);
    }

    /// <summary>`pattern`: a sentence in which # stands for how often it was noted.</summary>
    public void Note(string pattern) => _notes[pattern] = _notes.GetValueOrDefault(pattern) + 1;

    internal void Add(Repair repair) => _repairs.Add(repair);

    /// <summary>The shard's own tables are to be brought in line, once and before anything else.</summary>
    internal void Mend(int shard)
    {
        if (_mended.Add(shard))
            _repairs.Insert(0, new(shard, $"shard {shard}: counters, tombstones and vectors brought in line with its rows",
                transaction => transaction.Mend()));
    }

    public CheckReport ReportOn(IReadOnlyList<int> shards) => new()
    {
        Shards = shards,
        Rows = Rows,
        DirectoryEntries = Entries,
        Damage = _damage,
        DamageCount = _damageCount,
        BeyondRepair = _beyondRepair,
        Notes = [.. _notes.Select(note => note.Key.Replace("#", $"{note.Value:N0}", StringComparison.Ordinal))],
        Repairs = _repairs,
    };
}
