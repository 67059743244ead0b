using System.Diagnostics;
using System.Runtime.CompilerServices;
using VectorDb.Engine.Index.Graph;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Faults;

/// <summary>A process that writes is killed; every row that it acknowledged must be there afterwards.</summary>
public sealed class CrashTests
{
    const string ChildVariable = "VECTORDB_TEST_WRITES_TO";
    const int Dimensions = 32, Keys = 2000, BatchRows = 20;

    static readonly CollectionSchema Schema = new(Dimensions, Metric.Dot);

    /// <summary>So that the process is killed while it links and saves the graph, too.</summary>
    static readonly GraphOptions Linking = new() { FlatBelow = 200 };

    [Fact]
    public void AfterKill_EveryAcknowledgedRowIsThereWithItsContents()
    {
        using var temp = new TempShard(schema: Schema, fast: false);
        temp.Close();
        temp.Options = temp.Options with { Graph = Linking };
        var rounds = Environment.GetEnvironmentVariable("VECTORDB_LONG") == "1" ? 50 : 4;
        var random = new Random(1);
        var acknowledged = 0L;
        for (var round = 0; round < rounds; round++)
        {
            acknowledged = KillAfter(temp.Path, acknowledged, acks: random.Next(5, 60));
            CheckRows(temp, acknowledged);
            Assert.Empty(temp.Shard.Validate().Problems);
            temp.Close();
        }
    }

    [Fact]
    public void WhileAnotherProcessHoldsTheFile_OpenSaysWho()
    {
        using var temp = new TempShard(schema: Schema);
        temp.Close();
        using var child = Start(temp.Path, 0);
        Assert.NotNull(child.StandardOutput.ReadLine());
        var message = Assert.Throws<ShardInUseException>(() => temp.Shard).Message;
        Assert.Contains($"process {child.Id} (", message);
        child.Kill();
        child.WaitForExit();
        Assert.NotNull(temp.Shard.Schema);
    }

    /// <summary>Lets a child write from version <paramref name="from"/> + 1 on, and kills it.</summary>
    /// <returns>The last version that it acknowledged.</returns>
    static long KillAfter(string path, long from, int acks)
    {
        using var child = Start(path, from);
        var acknowledged = from;
        for (var i = 0; i < acks; i++)
            acknowledged = long.Parse(child.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        child.Kill();
        while (child.StandardOutput.ReadLine() is { } line && long.TryParse(line, out var late))
            acknowledged = late;
        child.WaitForExit();
        return acknowledged;
    }

    static Process Start(string path, long from)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "VectorDb.Engine.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        start.Environment[ChildVariable] = $"{from} {path}";
        return Process.Start(start)!;
    }

    /// <summary>Row of version v stands under key v mod Keys; later versions replace it.</summary>
    static void CheckRows(TempShard temp, long acknowledged)
    {
        for (var version = acknowledged; version > Math.Max(0, acknowledged - Keys); version--)
        {
            var reading = temp.Shard.Read(VectorGen.Key(version % Keys));
            Assert.True(reading.State == PointState.Live && reading.Version >= version, $"version {version} is lost: {reading}");
            Assert.Equal(Row(reading.Version).Vector, reading.Row!.Vector);
            Assert.Equal(Row(reading.Version).Text, reading.Row.Text);
        }
        var latest = temp.Search(Row(acknowledged).Vector, 10_000);
        Assert.Equal(temp.Shard.Stats.Points, latest.Length);
        Assert.Equal(latest.Length, latest.Select(hit => hit.Key).Distinct().Count());
    }

    static PointRow Row(long version) => new()
    {
        Key = VectorGen.Key(version % Keys),
        Version = version,
        Vector = new VectorGen((int)version, Dimensions).Normal(),
        Text = new string((char)('a' + version % 26), (int)(version % 700)),
    };

#pragma warning disable CA2255 // The test program runs itself as the process that is killed, before any test starts.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void WriteUntilKilled()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable)?.Split(' ', 2) is not [var from, var path])
            return;
        using var shard = Shard.Open(new ShardOptions { Path = path, Number = 0, Graph = Linking });
        for (var version = long.Parse(from, System.Globalization.CultureInfo.InvariantCulture); ;)
        {
            version = shard.Write(transaction =>
            {
                for (var i = 1; i <= BatchRows; i++)
                    transaction.Upsert(Row(version + i));
                return version + BatchRows;
            });
            Console.Out.WriteLine(version);
            Console.Out.Flush();
        }
    }
}
