using System.Collections.Concurrent;
using VectorDb.Engine.Index;
using VectorDb.Engine.Kernels;
using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

/// <summary>
/// Answers batches of queries: ranks from a snapshot of the index; true scores, payloads and vectors from SQLite. Any number
/// of threads.
/// </summary>
sealed class Searcher(ReaderPool readers, Quarantine quarantine, Lock writer)
{
    const string Reason = "Payload, text or vector is missing or does not match its checksum.";

    readonly ConcurrentBag<SearchScratch> _scratch = [];

    /// <summary>One batch against one snapshot.</summary>
    /// <returns>
    /// Hits of each query; null when a row was replaced between its ranking and the reading of its contents, so that
    /// the caller asks again.
    /// </returns>
    /// <param name="queries">Checked.</param>
    /// <param name="index">Where to search.</param>
    /// <param name="nothingWrites">The caller holds writers up, so a row that is missing now is damaged.</param>
    /// <param name="cancellation">Of the caller.</param>
    public SearchHit[][]? TrySearch(
        ReadOnlySpan<SearchQuery> queries, ShardIndex index, bool nothingWrites, CancellationToken cancellation)
    {
        if (!_scratch.TryTake(out var scratch))
            scratch = new SearchScratch();
        Snapshot? snapshot = null;
        try
        {
            scratch.Prepare(queries, index.Schema.Dimensions);
            Pack(queries, scratch, index);
            snapshot = index.LinkedCount > 0 && scratch.Groups.Any(group => group.Exact)
                ? RankRows(scratch, index, cancellation)
                : Rank(scratch, index.Enter(), cancellation);
            var results = new SearchHit[queries.Length][];
            for (var i = 0; i < results.Length; i++)
            {
                var position = scratch.Positions[i];
                if (Hits(queries[position], scratch.Heaps[i], snapshot, nothingWrites) is not { } hits)
                    return null;
                results[position] = hits;
            }
            return results;
        }
        finally
        {
            snapshot?.Leave();
            _scratch.Add(scratch);
        }
    }

    static void Pack(ReadOnlySpan<SearchQuery> queries, SearchScratch scratch, ShardIndex index)
    {
        var schema = index.Schema;
        var vectors = scratch.Vectors(schema.Dimensions);
        for (var i = 0; i < queries.Length; i++)
        {
            var query = queries[scratch.Positions[i]];
            var vector = query.Vector.Span;
            var packed = vectors.Slice(i * schema.Dimensions, schema.Dimensions);
            if (schema.Metric == Metric.Cosine)
                Norms.Normalize(vector, Norms.Length(vector), packed);
            else
                vector.CopyTo(packed);
            scratch.Heaps[i].Reset(query.TopK, index.Table);
        }
    }

    /// <summary>Ranks everything that needs no exact scan of linked rows; leaves the snapshot if it fails.</summary>
    Snapshot Rank(SearchScratch scratch, Snapshot snapshot, CancellationToken cancellation)
    {
        try
        {
            foreach (var group in scratch.Groups)
                snapshot.Search(Query(scratch, group, snapshot, cancellation), group.Among, scratch.Heaps[group.Start..group.End]);
            if (snapshot.Linked.Count > 0)
                readers.Use(reader => reader.OnSnapshot(() => Rescore(scratch, snapshot, reader)));
            foreach (var heap in scratch.Heaps)
                heap.Sort();
            return snapshot;
        }
        catch
        {
            snapshot.Leave();
            throw;
        }
    }

    /// <summary>
    /// As <see cref="Rank"/>, and scans the rows in SQLite for exact queries. Index and file are entered while nobody writes:
    /// so both show the same rows, however long the scan takes.
    /// </summary>
    Snapshot RankRows(SearchScratch scratch, ShardIndex index, CancellationToken cancellation) => readers.Use(reader =>
    {
        Snapshot snapshot;
        lock (writer)
        {
            reader.Begin();
            snapshot = index.Enter();
        }
        try
        {
            foreach (var group in scratch.Groups)
            {
                var query = Query(scratch, group, snapshot, cancellation);
                var linked = Snapshot.Part(snapshot.Linked, group.Among);
                if (group.Exact && linked.Count > 0)
                    reader.Ranking.Scan(
                        query with { Live = linked }, snapshot.Metric, snapshot.Live.Count, scratch.Heaps[group.Start..group.End]);
            }
        }
        catch
        {
            snapshot.Leave();
            throw;
        }
        finally
        {
            reader.End();
        }
        return Rank(scratch, snapshot, cancellation);
    });

    static IndexQuery Query(SearchScratch scratch, in QueryGroup group, Snapshot snapshot, CancellationToken cancellation)
    {
        var dimensions = snapshot.Dimensions;
        return new IndexQuery
        {
            Vectors = scratch.Vectors(dimensions)[(group.Start * dimensions)..(group.End * dimensions)],
            Live = snapshot.Live,
            Exact = group.Exact,
            Cancellation = cancellation,
        };
    }

    static bool Rescore(SearchScratch scratch, Snapshot snapshot, RowReader reader)
    {
        var dimensions = snapshot.Dimensions;
        foreach (var group in scratch.Groups)
        {
            for (var i = group.Start; i < group.End && !group.Exact; i++)
            {
                scratch.Scorer.Begin(scratch.Vectors(dimensions).Slice(i * dimensions, dimensions));
                reader.Ranking.Rescore(scratch.Heaps[i], snapshot.Linked, snapshot.Metric, scratch.Scorer);
            }
        }
        return true;
    }

    SearchHit[]? Hits(SearchQuery query, TopK nearest, Snapshot snapshot, bool nothingWrites)
    {
        var hits = new SearchHit[nearest.Count];
        for (var i = 0; i < hits.Length; i++)
        {
            var slot = nearest.SlotSpan[i];
            var score = Ranks.ToScore(snapshot.Metric, nearest.RankSpan[i]);
            hits[i] = new SearchHit(snapshot.Table.Key(slot), snapshot.Table.Version(slot), score);
        }
        if (hits.Length == 0 || (!query.WithPayload && !query.WithVector))
            return hits;
        var slots = nearest.SlotSpan.ToArray();
        return readers.Use(reader => reader.OnSnapshot(() =>
        {
            var complete = new List<SearchHit>(hits.Length);
            for (var i = 0; i < hits.Length; i++)
            {
                if (Complete(query, hits[i], slots[i], reader) is { } hit)
                    complete.Add(hit);
                else if (!nothingWrites && reader.Row(slots[i]) is null)
                    return null;
                else
                    quarantine.Meet(new QuarantinedRow(slots[i], hits[i].Key, hits[i].Version, Reason));
            }
            return complete.ToArray();
        }));
    }

    /// <summary>Adds payload and vector; null when the row is not there or damaged.</summary>
    static SearchHit? Complete(SearchQuery query, SearchHit hit, int slot, RowReader reader)
    {
        // The snapshot keeps the slot from being reused: a row in it is this one, and one replaced meanwhile is missing.
        if (reader.Row(slot) is not { IsSound: true } row)
            return null;
        var vector = query.WithVector ? reader.Vector(slot, hit.Key, hit.Version) : null;
        if (query.WithVector && vector is null)
            return null;
        return query.WithPayload
            ? hit with { Payload = row.Payload, Text = row.Text, Vector = vector }
            : hit with { Vector = vector };
    }
}
