namespace VectorDb.Embedding;

/// <summary>
/// Remembers the vectors of texts that were asked for lately, because people repeat questions. It is meant for questions:
/// of calls with many texts, which are documents being stored, it looks up but remembers nothing.
/// </summary>
/// <remarks>
/// Bounded by entries and by bytes; what was not used for longest goes first. One model per instance, so the text alone
/// is the key. Two calls that miss the same text at the same time both compute it.
/// </remarks>
/// <param name="inner">Does the work; disposed of together with this.</param>
/// <param name="entriesMax">At least 1.</param>
/// <param name="bytesMax">Of texts and vectors together, about.</param>
public sealed class CachingEmbedder(
    IEmbedder inner,
    int entriesMax = CachingEmbedder.EntriesMaxDefault,
    long bytesMax = CachingEmbedder.BytesMaxDefault) : IEmbedder
{
    public const int EntriesMaxDefault = 4_096;

    /// <summary>16 MiB: 4,096 questions with vectors of 768 dimensions take 13 MB.</summary>
    public const long BytesMaxDefault = 16 << 20;

    /// <summary>Calls with more texts than this are not remembered: as many questions as travel in one message.</summary>
    public const int RememberedTextsMax = 64;

    /// <summary>Guess for list node, dictionary entry and object headers.</summary>
    const int EntryOverheadBytes = 200;

    readonly Lock _lock = new();
    readonly Dictionary<string, LinkedListNode<Entry>> _entries = [];
    readonly LinkedList<Entry> _byUse = [];
    long _bytes;
    long _hits;
    long _misses;

    /// <inheritdoc/>
    public ModelDescription Model => inner.Model;

    /// <summary>Texts answered from memory and texts computed, since the start.</summary>
    public (long Hits, long Misses) Counts => (Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));

    /// <summary>What is remembered now.</summary>
    public (int Entries, long Bytes) Size
    {
        get
        {
            lock (_lock)
                return (_entries.Count, _bytes);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<EmbeddedText> Embed(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var results = new EmbeddedText[texts.Count];
        var missing = LookUp(texts, results);
        Interlocked.Add(ref _hits, texts.Count - missing.Count);
        if (missing.Count == 0)
            return results;
        Interlocked.Add(ref _misses, missing.Count);
        var computed = inner.Embed([.. missing.Select(position => texts[position])], cancellationToken);
        for (var i = 0; i < missing.Count; i++)
            results[missing[i]] = computed[i];
        if (texts.Count <= RememberedTextsMax)
            Remember(texts, missing, computed);
        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    List<int> LookUp(IReadOnlyList<string> texts, EmbeddedText[] results)
    {
        var missing = new List<int>();
        lock (_lock)
        {
            for (var i = 0; i < texts.Count; i++)
            {
                // A null is the inner embedder's to refuse, with its position.
                if (texts[i] is { } text && _entries.TryGetValue(text, out var node))
                {
                    _byUse.Remove(node);
                    _byUse.AddFirst(node);
                    results[i] = Copy(node.Value.Embedded);
                }
                else
                {
                    missing.Add(i);
                }
            }
        }

        return missing;
    }

    void Remember(IReadOnlyList<string> texts, List<int> positions, IReadOnlyList<EmbeddedText> computed)
    {
        lock (_lock)
        {
            for (var i = 0; i < positions.Count; i++)
            {
                var text = texts[positions[i]];
                var bytes = EntryOverheadBytes + text.Length * sizeof(char) + (long)computed[i].Vector.Length * sizeof(float);
                if (bytes > bytesMax || _entries.ContainsKey(text))
                    continue;
                _entries.Add(text, _byUse.AddFirst(new Entry(text, Copy(computed[i]), bytes)));
                _bytes += bytes;
                Shrink();
            }
        }
    }

    void Shrink()
    {
        while (_entries.Count > entriesMax || _bytes > bytesMax)
        {
            var oldest = _byUse.Last!.Value;
            _byUse.RemoveLast();
            _entries.Remove(oldest.Text);
            _bytes -= oldest.Bytes;
        }
    }

    /// <summary>The caller may change its vector, and must not change ours.</summary>
    static EmbeddedText Copy(EmbeddedText embedded) => embedded with { Vector = [.. embedded.Vector] };

    sealed record Entry(string Text, EmbeddedText Embedded, long Bytes);
}
