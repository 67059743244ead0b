using VectorDb.Architecture.Tests.Rules;
using Xunit;

namespace VectorDb.Architecture.Tests;

public sealed class MessageTests
{
    static readonly List<SourceFile> Contracts =
        Repository.Sources.Where(file => file.Project == "src/Contracts").ToList();

    [Fact]
    public void Contracts_AreSealedRecordsOfInitMembers() =>
        Finding.AssertNone(Contracts.SelectMany(Messages.Declared));

    [Fact]
    public void PublicContracts_SayWhatTheyAreFor() => Finding.AssertNone(Contracts.SelectMany(Messages.Documented));

    [Theory]
    [InlineData("public record A { public required int B { get; init; } }")]
    [InlineData("public sealed record A(int B);")]
    [InlineData("public sealed record A : Other { public required int B { get; init; } }")]
    [InlineData("public sealed record A { public int B { get; set; } }")]
    [InlineData("public sealed record A { public int B => 1; }")]
    [InlineData("public sealed record A { public int B() => 1; }")]
    [InlineData("public sealed record A { readonly int _b; }")]
    [InlineData("public sealed class A { public int B { get; init; } }")]
    [InlineData("public interface A;")]
    public void MessageOfAnotherShape_IsFound(string code) =>
        Assert.Single(Messages.Declared(SourceFile.Parse("src/Contracts/X.cs", code)));

    [Theory]
    [InlineData("public sealed record A { public required int B { get; init; } public string? C { get; init; } }")]
    [InlineData("public sealed record A { [JsonIgnore] public int B => 1; }")]
    [InlineData("public sealed record A { public static A None { get; } = new(); const int C = 1; }")]
    [InlineData("public readonly record struct A(int B);")]
    [InlineData("public static class A { public const int B = 1; }")]
    [InlineData("sealed class A : JsonConverter<int>;")]
    [InlineData("public enum A { B }")]
    public void ContractOfTheHouseShape_IsAllowed(string code) =>
        Assert.Empty(Messages.Declared(SourceFile.Parse("src/Contracts/X.cs", code)));

    [Theory]
    [InlineData("public sealed record A;", 1)]
    [InlineData("// Not a doc comment.\npublic enum A;", 1)]
    [InlineData("/// <summary>Sent by B.</summary>\npublic sealed record A;", 0)]
    [InlineData("sealed record A;", 0)]
    public void UndocumentedContract_IsFound(string code, int findings) =>
        Assert.Equal(findings, Messages.Documented(SourceFile.Parse("src/Contracts/X.cs", code)).Count());
}
