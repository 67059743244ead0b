using Microsoft.Data.Sqlite;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Starting;

/// <summary>A shard file that the disk has damaged.</summary>
public sealed class DamageTests
{
    const int Points = 60;

    [Fact]
    public async Task DamagedRow_IsSetAsideAndReported_TheRestIsServed_AndStoringItAgainRepairsIt()
    {
        await using var server = await RunningServer.StartNewAsync();
        var points = Enumerable.Range(0, Points).Select(i => new { id = i, vector = VectorOf(i) });
        (await server.Api.PostAsync("store", new { points })).Expect();
        var holder = (await server.Api.GetAsync("get/17")).Expect()["shard"].GetInt32();
        await server.KillAsync();
        FlipBits(Path.Combine(server.DataPath, $"shard_{holder}.sqlite3"), id: 17);
        await server.StartAsync();

        var status = (await server.Api.GetAsync("")).Expect();
        Assert.Equal("degraded", status["health"].GetString());
        Assert.Equal("damaged rows", status["shards"][holder].GetProperty("health").GetString());
        Assert.Equal(1, status["shards"][holder].GetProperty("quarantined").GetInt32());
        var read = (await server.Api.GetAsync("get/17")).ExpectProblem(503, "damaged", "store the point again");
        Assert.NotNull(read.Headers.RetryAfter);
        for (var i = 0; i < Points; i++)
            if (i != 17)
                (await server.Api.GetAsync($"get/{i}")).Expect();
        Assert.Equal(Enumerable.Range(0, Points).Where(i => i != 17), await FoundAsync(server.Api));

        await server.Api.StoreAsync(17, VectorOf(17));
        await AssertWholeAsync(server.Api);
        await server.KillAsync();
        await server.StartAsync();
        await AssertWholeAsync(server.Api);
    }

    static async Task AssertWholeAsync(Api api)
    {
        (await api.GetAsync("get/17")).Expect();
        Assert.Equal(Enumerable.Range(0, Points), await FoundAsync(api));
        var status = (await api.GetAsync("")).Expect();
        Assert.Equal("ready", status["health"].GetString());
        Assert.Equal(Points, status["points"].GetInt32());
    }

    static async Task<IEnumerable<int>> FoundAsync(Api api)
    {
        var search = new { query_vector = VectorOf(3), top_k = 1_000, shards_to_search = "all", exact = true };
        return (await api.PostAsync("search", search)).Expect()["results"].EnumerateArray()
            .Select(hit => hit.GetProperty("id").GetInt32()).Order();
    }

    static float[] VectorOf(int i) => [1, i, i * i % 7, 3];

    /// <summary>Changes one bit of each number of a row's vector, as a disk would: its checksum stays.</summary>
    static void FlipBits(string path, ulong id)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var read = connection.CreateCommand();
        read.CommandText = "SELECT slot, bytes FROM vectors WHERE key = $key";
        read.Parameters.AddWithValue("$key", Contracts.PointId.From(id).ToKey());
        byte[] bytes;
        long slot;
        using (var row = read.ExecuteReader())
        {
            Assert.True(row.Read());
            (slot, bytes) = (row.GetInt64(0), (byte[])row.GetValue(1));
        }
        for (var i = 0; i < bytes.Length; i += 4)
            bytes[i] ^= 0x10;
        using var write = connection.CreateCommand();
        write.CommandText = "UPDATE vectors SET bytes = $bytes WHERE slot = $slot";
        write.Parameters.AddWithValue("$bytes", bytes);
        write.Parameters.AddWithValue("$slot", slot);
        Assert.Equal(1, write.ExecuteNonQuery());
    }
}
