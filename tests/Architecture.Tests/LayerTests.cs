using VectorDb.Architecture.Tests.Rules;
using Xunit;

namespace VectorDb.Architecture.Tests;

public sealed class LayerTests
{
    [Fact]
    public void MassTransit_AppearsOnlyInRolesAndServiceDefaults() =>
        Finding.AssertNone(Repository.Sources.SelectMany(Layers.Bus));

    [Fact]
    public void Libraries_KnowNeitherHttpNorTheBus() =>
        Finding.AssertNone(Repository.Sources.SelectMany(Layers.TransportInLibraries));

    [Fact]
    public void Sql_StandsOnlyInStorage() => Finding.AssertNone(Repository.Sources.SelectMany(Layers.Sql));

    [Fact]
    public void Namespaces_FollowTheProject() => Finding.AssertNone(Repository.Sources.SelectMany(Layers.Namespace));

    [Fact]
    public void StaticState_IsNowhere() =>
        Finding.AssertNone(Repository.Sources.Where(f => f.IsSource).SelectMany(Services.StaticState));

    [Theory]
    [InlineData("src/Server/X.cs", "using MassTransit;")]
    [InlineData("src/Engine/X.cs", "global using MassTransit.Testing;")]
    [InlineData("src/Contracts/X.cs", "class A { MassTransit.IBus? b; }")]
    public void MassTransitElsewhere_IsFound(string path, string code) =>
        Assert.NotEmpty(Layers.Bus(SourceFile.Parse(path, code)));

    [Theory]
    [InlineData("src/Ingest.Worker/X.cs")]
    [InlineData("src/ServiceDefaults/X.cs")]
    [InlineData("tests/Roles.Tests/X.cs")]
    public void MassTransitInARole_IsAllowed(string path) =>
        Assert.Empty(Layers.Bus(SourceFile.Parse(path, "using MassTransit;")));

    [Theory]
    [InlineData("src/Engine/X.cs", "class A { void B(HttpContext c) { } }")]
    [InlineData("src/Embedding/X.cs", "class A { void B(ConsumeContext<int> c) { } }")]
    [InlineData("src/Contracts/X.cs", "using Microsoft.AspNetCore.Http;")]
    public void TransportInALibrary_IsFound(string path, string code) =>
        Assert.NotEmpty(Layers.TransportInLibraries(SourceFile.Parse(path, code)));

    [Theory]
    [InlineData("""class A { string s = "SELECT id FROM points"; }""")]
    [InlineData("""class A { string s = $"INSERT OR IGNORE INTO {x} VALUES (1)"; }""")]
    [InlineData("class A { string s = \"\"\"\n  PRAGMA journal_mode\n  \"\"\"; }")]
    [InlineData("using Microsoft.Data.Sqlite; class A { SqliteConnection? c; }")]
    public void SqlOutsideStorage_IsFoundThereOnly(string code)
    {
        Assert.NotEmpty(Layers.Sql(SourceFile.Parse("src/Engine/Shard.cs", code)));
        Assert.Empty(Layers.Sql(SourceFile.Parse("src/Engine/Storage/Schema.cs", code)));
    }

    [Theory]
    [InlineData("src/Shard.Worker/X.cs", "namespace VectorDb.Shard.Worker; class A;")]
    [InlineData("src/Engine/X.cs", "namespace VectorDb.EngineRoom; class A;")]
    [InlineData("src/Contracts/X.cs", "public sealed record A;")]
    [InlineData("tests/Engine.Tests/X.cs", "namespace VectorDb.Tests; class A;")]
    public void ForeignNamespace_IsFound(string path, string code) =>
        Assert.Single(Layers.Namespace(SourceFile.Parse(path, code)));

    [Theory]
    [InlineData("src/Shard.Worker/X.cs", "namespace VectorDb.ShardWorker.Consumers; class A;")]
    [InlineData("src/Engine/X.cs", "namespace VectorDb.Engine; class A;")]
    [InlineData("src/Server/Program.cs", "return 0; public partial class Program;")]
    public void OwnNamespace_IsAllowed(string path, string code) =>
        Assert.Empty(Layers.Namespace(SourceFile.Parse(path, code)));

    [Theory]
    [InlineData("static int count;", 1)]
    [InlineData("static readonly ConcurrentDictionary<int, int> Seen = new();", 1)]
    [InlineData("static string Name { get; set; }", 1)]
    [InlineData("static readonly int[] Sizes = [1]; const int Most = 3; static int Twice => 2;", 0)]
    [InlineData("[ThreadStatic] static int[] t_scratch;", 0)]
    public void StaticField_IsFoundWhenItCanChange(string member, int findings) =>
        Assert.Equal(findings, Services.StaticState(SourceFile.Parse("src/X.cs", $"class A {{ {member} }}")).Count());
}
