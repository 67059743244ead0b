using System.Diagnostics;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Index;

/// <summary>
/// When the graph of a shard is saved, and where. A cache: what is in the file is compared row by row with SQLite at the next
/// start, so it may be of any age, and losing it costs linking again.
/// </summary>
internal sealed class Checkpoint(string path)
{
    /// <summary>A saved vertex is written anew for each this many: linking one row costs as much as writing about 64.</summary>
    const int VerticesPerChange = 64;

    /// <summary>While running, a save is due when one vector of this many has changed; a start then links no more than that.</summary>
    const int DueAtOneOf = 4;

    static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    readonly Stopwatch _sinceSave = Stopwatch.StartNew();
    long _changes;

    /// <summary>Beside the SQLite file.</summary>
    public static string PathOf(string shardPath) => System.IO.Path.ChangeExtension(shardPath, ".graph");

    /// <summary>How long nothing is due if nothing changes.</summary>
    public TimeSpan Wait => Interval;

    /// <summary>What was wrong with the file or its writing, last; null if nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>Vectors were linked or removed.</summary>
    public void Changed(int vectors) => _changes += vectors;

    public bool IsDue(GraphIndex graph) =>
        graph.Graph is { } saved && _changes > 0
        && (_changes * DueAtOneOf >= saved.VertexCount || _sinceSave.Elapsed >= Interval) && IsWorthIt(saved);

    /// <summary>Fills an empty graph from the file, if there is a good one.</summary>
    public void Load(GraphIndex graph, Action<long, long>? progress)
    {
        try
        {
            if (File.Exists(path))
                GraphCheckpoint.Load(graph, path, progress);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Problem = exception.Message;
        }
    }

    /// <summary>Saves if enough has changed. A disk that is full or gone costs the file and nothing else.</summary>
    public void SaveIfWorthIt(GraphIndex graph)
    {
        if (!graph.IsServing || graph.Graph is not { } saved || !IsWorthIt(saved))
            return;
        try
        {
            GraphCheckpoint.Save(graph, path, sequence: 0);
            Problem = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Problem = exception.Message;
        }
        _changes = 0;
        _sinceSave.Restart();
    }

    bool IsWorthIt(QuantizedGraph graph) => _changes * VerticesPerChange >= graph.VertexCount;
}
