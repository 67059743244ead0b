using VectorDb.Architecture.Tests.Rules;
using Xunit;

namespace VectorDb.Architecture.Tests;

public sealed class NamingTests
{
    [Fact]
    public void Types_AreNamedForWhatTheyAre() => Finding.AssertNone(Repository.Sources.SelectMany(Names.OfTypes));

    [Fact]
    public void FilesAndFolders_AreNamedForWhatTheyHold() =>
        Finding.AssertNone(Repository.Sources.SelectMany(Names.OfPaths));

    [Fact]
    public void Consumers_AreSealedAndNamedAfterTheirMessage() =>
        Finding.AssertNone(Repository.Sources.Where(f => f.IsSource).SelectMany(Consumers.Declared));

    [Theory]
    [InlineData("class VectorManager;", 1)]
    [InlineData("static class ShardHelpers;", 1)]
    [InlineData("record UtilBag;", 1)]
    [InlineData("struct CommonThing;", 1)]
    [InlineData("interface IShardBase;", 1)]
    [InlineData("enum ShardData { A }", 1)]
    [InlineData("delegate void ShardInfo();", 1)]
    [InlineData("class Database; class Metadata; class DataFolder; class InfoPage; class Utilisation;", 0)]
    public void EmptyWordInATypeName_IsFound(string code, int findings) =>
        Assert.Equal(findings, Names.OfTypes(SourceFile.Parse("src/X.cs", code)).Count());

    [Theory]
    [InlineData("src/Engine/Helpers/Top.cs", 1)]
    [InlineData("src/Common/Top.cs", 1)]
    [InlineData("tests/TestKit/TestUtils.cs", 1)]
    [InlineData("src/Engine/Index/Top.cs", 0)]
    public void EmptyWordInAPath_IsFound(string path, int findings) =>
        Assert.Equal(findings, Names.OfPaths(SourceFile.Parse(path, "")).Count());

    [Theory]
    [InlineData("sealed class SaveConsumer : IConsumer<Save>;", 0)]
    [InlineData("sealed class SaveConsumer : IConsumer<Batch<Contracts.Save>>;", 0)]
    [InlineData("sealed class SaveFaultConsumer : MassTransit.IConsumer<Fault<Save>>;", 0)]
    [InlineData("class SaveConsumer : IConsumer<Save>;", 1)]
    [InlineData("sealed class Saver : IConsumer<Save>;", 1)]
    [InlineData("sealed class SaveConsumer : IConsumer<Save>, IConsumer<Drop>;", 1)]
    [InlineData("sealed class SaveDefinition : ConsumerDefinition<SaveConsumer>;", 1)]
    [InlineData("sealed class SaveConsumerDefinition : ConsumerDefinition<SaveConsumer>;", 0)]
    public void ConsumerOfAnotherShape_IsFound(string code, int findings) =>
        Assert.Equal(findings, Consumers.Declared(SourceFile.Parse("src/X.cs", code)).Count());
}
