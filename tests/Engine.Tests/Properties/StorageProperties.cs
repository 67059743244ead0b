using CsCheck;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Properties;

public sealed class StorageProperties
{
    static readonly Gen<string?> Contents = Gen.OneOf(
        Gen.Const((string?)null), Gen.String.Select(text => (string?)WithoutLoneSurrogates(text)));

    [Fact]
    public void Rows_RoundTrip()
    {
        using var temp = new TempShard(schema: new CollectionSchema(3, Metric.Dot));
        var version = 0L;
        Gen.Select(Gen.Byte.Array[1, 600], Gen.Float[-1e9f, 1e9f].Array[3], Contents, Contents, Gen.Int[0, int.MaxValue])
            .Sample((key, vector, payload, text, epoch) =>
            {
                var row = new PointRow
                {
                    Key = new PointKey(key),
                    Version = Interlocked.Increment(ref version),
                    Vector = vector,
                    Payload = payload,
                    Text = text,
                    Epoch = epoch,
                };
                Assert.Equal(UpsertOutcome.Applied, temp.Shard.Write(transaction => transaction.Upsert(row)));
                var read = temp.Shard.Read(row.Key).Row!;
                Assert.Equal(vector, read.Vector);
                Assert.Equal((row.Key, row.Version, payload, text, epoch), (read.Key, read.Version, read.Payload, read.Text, read.Epoch));
            }, iter: 300, threads: 1);
        Assert.Empty(temp.Shard.Validate().Problems);
    }

    static string WithoutLoneSurrogates(string text) =>
        System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
