using VectorDb.Engine;

namespace VectorDb.TestKit;

/// <summary>A real shard in a folder of its own, which goes with it.</summary>
public sealed class TempShard : IDisposable
{
    readonly string _folder;
    Shard? _shard;

    /// <param name="number">The shard's number.</param>
    /// <param name="schema">Defined at once, unless null.</param>
    /// <param name="fast">In shared memory where the machine has it: for tests that commit thousands of times and do
    /// not ask whether the disk keeps what it was told.</param>
    public TempShard(int number = 0, CollectionSchema? schema = null, bool fast = true)
    {
        var root = fast && System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();
        _folder = System.IO.Path.Combine(root, "vectordb-" + Guid.NewGuid().ToString("n"));
        Options = new ShardOptions { Path = System.IO.Path.Combine(_folder, $"shard-{number}.sqlite3"), Number = number };
        if (schema is not null)
            Define(schema);
    }

    public ShardOptions Options { get; set; }

    public string Path => Options.Path;

    /// <summary>Opened when first asked for.</summary>
    public Shard Shard => _shard ??= Shard.Open(Options);

    public void Define(CollectionSchema schema) => Write(transaction => transaction.DefineSchema(schema));

    public void Write(Action<ShardTransaction> work) => Shard.Write(transaction =>
    {
        work(transaction);
        return 0;
    });

    /// <summary>Writes one row.</summary>
    public UpsertOutcome Upsert(PointKey key, long version, float[] vector, string? payload = null, string? text = null) =>
        Shard.Write(transaction => transaction.Upsert(new PointRow
        {
            Key = key,
            Version = version,
            Vector = vector,
            Payload = payload,
            Text = text,
        }));

    /// <summary>Asks one question.</summary>
    public SearchHit[] Search(float[] vector, int topK, bool withContents = false) =>
        Shard.Search([new SearchQuery { Vector = vector, TopK = topK, WithPayload = withContents, WithVector = withContents }])[0];

    /// <summary>Closes the shard; the next use opens it again.</summary>
    public void Close()
    {
        _shard?.Dispose();
        _shard = null;
    }

    public void Dispose()
    {
        Close();
        if (System.IO.Directory.Exists(_folder))
            System.IO.Directory.Delete(_folder, recursive: true);
    }
}
