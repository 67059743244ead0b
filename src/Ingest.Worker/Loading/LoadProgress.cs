using System.Collections.Concurrent;

namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// The counts of a load that is under way and the notes for its user. Written by the loader, read by whoever shows it;
/// thread-safe.
/// </summary>
public sealed class LoadProgress
{
    /// <summary>How many bad rows are told in full; the others are only counted.</summary>
    public const int RejectionsTold = 20;

    readonly ConcurrentQueue<string> _notes = new();
    readonly ConcurrentQueue<string> _rejections = new();
    long _stored;
    long _rejected;
    long _skipped;
    long _repeated;
    long _bytesDone;

    /// <summary>Length of the input in bytes, or null when it is not known (a pipe).</summary>
    public long? BytesTotal { get; init; }

    /// <summary>Gets a line for every row that is left out; null for none. Thread-safe itself.</summary>
    public TextWriter? RejectionFile { get; init; }

    /// <summary>Bytes of the input whose rows are dealt with: stored, rejected or skipped.</summary>
    public long BytesDone => Interlocked.Read(ref _bytesDone);

    /// <summary>Rows that the server has acknowledged as stored.</summary>
    public long Stored => Interlocked.Read(ref _stored);

    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Rows left out because their ids were stored before.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>Stored rows that had the id of an earlier row, and so took its place.</summary>
    public long Repeated => Interlocked.Read(ref _repeated);

    /// <summary>The first rejections in words, in the order in which they became known.</summary>
    public IReadOnlyCollection<string> Rejections => _rejections;

    public void AddStored(IReadOnlyList<LoadedRow> rows)
    {
        Interlocked.Add(ref _stored, rows.Count);
        Interlocked.Add(ref _bytesDone, rows.Sum(row => row.Bytes));
    }

    public void AddRejected(LoadedRow row, string problem)
    {
        Interlocked.Add(ref _bytesDone, row.Bytes);
        var count = Interlocked.Increment(ref _rejected);
        var told = $"line {row.Line} (row {row.Number}) is left out: {problem}";
        RejectionFile?.WriteLine(told);
        if (count > RejectionsTold)
            return;
        _rejections.Enqueue(told);
        Note(told);
        if (count == RejectionsTold)
            Note("further rows that are left out are only counted here");
    }

    public void AddSkipped(LoadedRow row)
    {
        Interlocked.Increment(ref _skipped);
        Interlocked.Add(ref _bytesDone, row.Bytes);
    }

    public void AddRepeated() => Interlocked.Increment(ref _repeated);

    /// <summary>Leaves a line for the user.</summary>
    public void Note(string text) => _notes.Enqueue(text);

    /// <summary>Takes the next line that was not shown yet.</summary>
    public bool TryTakeNote(out string note) => _notes.TryDequeue(out note!);
}
