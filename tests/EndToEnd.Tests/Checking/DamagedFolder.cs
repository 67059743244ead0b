using Microsoft.Data.Sqlite;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Checking;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Checking;

/// <summary>A copy of a data folder that a test damages, by SQL or through the engine, and checks.</summary>
sealed class DamagedFolder : IDisposable
{
    readonly TempFolder _folder = new();

    public DamagedFolder(string original)
    {
        foreach (var file in Directory.GetFiles(original))
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
    }

    public string Path => _folder.Path;

    public static byte[] KeyOf(int id) => PointId.From((ulong)id).ToKey();

    public static int HomeOf(int id) => Home.Of(KeyOf(id), HealthyFolder.ShardCount);

    public string FileOf(int shard) => System.IO.Path.Combine(Path, $"shard_{shard}.sqlite3");

    /// <summary>The shard that has the row of an id.</summary>
    public int OwnerOf(int id) => Enumerable.Range(0, HealthyFolder.ShardCount)
        .Single(shard => Number(shard, "SELECT count(*) FROM points WHERE key = $key", id) > 0);

    /// <summary>`$key` stands for the id. Returns the rows that were changed.</summary>
    public int Execute(int shard, string sql, int id = 0)
    {
        using var connection = Open(shard);
        using var command = CommandOf(connection, sql, id);
        return command.ExecuteNonQuery();
    }

    public long Number(int shard, string sql, int id = 0)
    {
        using var connection = Open(shard);
        using var command = CommandOf(connection, sql, id);
        return Convert.ToInt64(command.ExecuteScalar(), provider: null);
    }

    /// <summary>Changes a shard as its server would.</summary>
    public void Write(int shard, Action<ShardTransaction> change)
    {
        using var engine = Shard.Open(new() { Path = FileOf(shard), Number = shard });
        engine.Write(transaction =>
        {
            change(transaction);
            return true;
        });
    }

    /// <summary>Puts a row of an id into a shard, as nobody should.</summary>
    public void Put(int shard, int id, long version) => Write(shard, transaction => transaction.Upsert(new()
    {
        Key = new PointKey(KeyOf(id)),
        Version = version,
        Epoch = 1,
        Vector = HealthyFolder.VectorOf(id),
    }));

    public CheckReport Check() => FolderCheck.Run([Path], (_, _) => { }, TestContext.Current.CancellationToken);

    public IReadOnlyList<string> Repair(CheckReport report) =>
        FolderCheck.Repair([Path], report, (_, _) => { }, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    SqliteConnection Open(int shard)
    {
        var connection = new SqliteConnection($"Data Source={FileOf(shard)};Pooling=False");
        connection.Open();
        return connection;
    }

    static SqliteCommand CommandOf(SqliteConnection connection, string sql, int id)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        if (sql.Contains("$key", StringComparison.Ordinal))
            command.Parameters.AddWithValue("$key", KeyOf(id));
        return command;
    }
}
