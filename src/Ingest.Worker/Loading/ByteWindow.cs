namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// The bytes of a stream that were read and not used yet, with the line number of the first of them. Works on pipes
/// as on files, holds no more than the longest record, and is not thread-safe.
/// </summary>
public sealed class ByteWindow(Stream stream) : IDisposable
{
    const int ReadBytes = 64 * 1024;

    byte[] _buffer = new byte[ReadBytes];
    int _begin;
    int _end;

    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_begin, _end - _begin);

    /// <summary>Number from 1 of the line that the first unread byte stands in; lines end with a line feed.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>How many bytes were used so far.</summary>
    public long Consumed { get; private set; }

    /// <summary>True when the stream has no more: what is unread is all there is.</summary>
    public bool Ended { get; private set; }

    /// <summary>
    /// Reads more behind what is unread. A long unread part is at least doubled, so that a caller who scans it again
    /// from its begin after every call does linear work altogether; a short one takes what comes, so that a slow pipe
    /// is not waited for.
    /// </summary>
    /// <returns>False when nothing was added because the stream is at its end.</returns>
    public bool Fill()
    {
        var unread = _end - _begin;
        var wanted = unread < ReadBytes ? 1 : unread;
        MakeRoom(Math.Max(wanted, ReadBytes));
        var added = stream.ReadAtLeast(_buffer.AsSpan(_end), wanted, throwOnEndOfStream: false);
        _end += added;
        Ended = added < wanted;
        return added > 0;
    }

    /// <summary>Marks the first bytes of <see cref="Unread"/> as used.</summary>
    public void Advance(int count)
    {
        Line += Unread[..count].Count((byte)'\n');
        _begin += count;
        Consumed += count;
    }

    /// <summary>Uses everything up to and including the next line feed, however far that is.</summary>
    public void SkipLine()
    {
        int lineFeed;
        while ((lineFeed = Unread.IndexOf((byte)'\n')) < 0)
        {
            Advance(Unread.Length);
            if (Ended || !Fill())
                return;
        }

        Advance(lineFeed + 1);
    }

    public void Dispose() => stream.Dispose();

    void MakeRoom(int bytes)
    {
        if (_buffer.Length - _end >= bytes)
            return;
        var unread = Unread;
        var target = _buffer.Length - unread.Length >= bytes
            ? _buffer
            : new byte[Math.Max(_buffer.Length * 2, unread.Length + bytes)];
        unread.CopyTo(target);
        _buffer = target;
        _end = unread.Length;
        _begin = 0;
    }
}
