namespace VectorDb.IngestWorker.Loading;

/// <summary>Reads one input of one format. Read once, in order, by one thread.</summary>
public interface IRowReader : IDisposable
{
    /// <summary>What the input was taken for and where id, text, vector and payload come from, in one line.</summary>
    string Description { get; }

    /// <summary>All rows, good and bad; reading goes on after a bad one.</summary>
    IEnumerable<LoadedRow> ReadRows();
}
