using System.Buffers.Binary;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Replication;

/// <summary>The pages of a copy: read at the source, applied at the replica. Pure but for the shard.</summary>
public static class CopyPages
{
    /// <summary>Values of a page that are not rows: some 100 bytes each, so a page stays far below what a broker takes.</summary>
    const int ValuesMax = 2_048;

    /// <summary>Each has up to as many numbers as a message has points.</summary>
    const int OutcomesMax = 512;

    public static PageCopied Read(ShardCopy copy, CopyPage request)
    {
        var after = request.After is { } bytes ? new PointKey(bytes) : (PointKey?)null;
        return request.Kind switch
        {
            CopyKinds.Rows => Rows(copy, after),
            CopyKinds.Tombstones => Tombstones(copy, after),
            CopyKinds.Directory => Entries(copy, after),
            CopyKinds.Claims => Claims(copy, request),
            CopyKinds.Outcomes => Outcomes(copy, request),
            CopyKinds.Documents => Documents(copy),
            _ => throw new ArgumentException($"A copy has no pages of the kind '{request.Kind}'; start workers of the same version."),
        };
    }

    public static void Apply(ShardTransaction transaction, PageCopied page)
    {
        foreach (var row in page.Rows)
            transaction.Upsert(LogMessages.RowOf(row));
        foreach (var tombstone in page.Tombstones)
            transaction.Evict(new PointKey(tombstone.Id), tombstone.Version);
        transaction.Apply(LogMessages.ChangeOf(page));
    }

    static PageCopied Rows(ShardCopy copy, PointKey? after)
    {
        var (rows, next) = copy.Rows(after, Limits.BatchRowsMax * 4, Limits.BatchBytesMax);
        return new() { Rows = [.. rows.Select(LogMessages.Copied)], Next = next?.Bytes };
    }

    static PageCopied Tombstones(ShardCopy copy, PointKey? after)
    {
        var page = copy.Tombstones(after, ValuesMax);
        return new()
        {
            Tombstones = [.. page.Select(tombstone => new CopiedTombstone { Id = tombstone.Key.Bytes, Version = tombstone.Version })],
            Next = page.Count == ValuesMax ? page[^1].Key.Bytes : null,
        };
    }

    static PageCopied Entries(ShardCopy copy, PointKey? after)
    {
        var page = copy.Entries(after, ValuesMax);
        return new()
        {
            Entries = [.. page.Select(LogMessages.Logged)],
            Next = page.Count == ValuesMax ? page[^1].Key.Bytes : null,
        };
    }

    static PageCopied Claims(ShardCopy copy, CopyPage request)
    {
        var after = request.After is { } operation
            ? new ClaimRecord(new Guid(operation, bigEndian: true), request.AfterOrdinal, 0, 0, null, false)
            : (ClaimRecord?)null;
        var page = copy.Claims(after, ValuesMax);
        return new()
        {
            Claims = [.. page.Select(LogMessages.Logged)],
            Next = page.Count == ValuesMax ? page[^1].Operation.ToByteArray(bigEndian: true) : null,
            NextOrdinal = page.Count == ValuesMax ? page[^1].Ordinal : 0,
        };
    }

    static PageCopied Outcomes(ShardCopy copy, CopyPage request)
    {
        var after = request.After is { } last ? BinaryPrimitives.ReadInt64LittleEndian(last) : 0;
        var (page, end) = copy.Outcomes(after, OutcomesMax);
        var next = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(next, end);
        return new() { Outcomes = [.. page.Select(LogMessages.Logged)], Next = page.Count == OutcomesMax ? next : null };
    }

    static PageCopied Documents(ShardCopy copy)
    {
        var version = copy.Version;
        var shared = copy.Documents().Where(document => !document.Name.StartsWith(ReplicaFile.LocalPrefix, StringComparison.Ordinal));
        return new() { Documents = [.. shared.Select(LogMessages.Logged)], Version = version };
    }
}
