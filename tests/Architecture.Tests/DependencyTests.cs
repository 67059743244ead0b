using System.Xml.Linq;
using VectorDb.Architecture.Tests.Rules;
using Xunit;

namespace VectorDb.Architecture.Tests;

public sealed class DependencyTests
{
    static readonly List<(string Path, XDocument Xml)> Sources =
        Repository.Projects.Where(p => p.Path.StartsWith("src/", StringComparison.Ordinal)).ToList();

    [Fact]
    public void ProjectsUnderSrc_ReferenceOnlyWhatTheirLayerMay() =>
        Finding.AssertNone(Sources.SelectMany(p => Dependencies.Of(p.Path, p.Xml)));

    [Fact]
    public void ProjectsUnderSrc_AreFew() => Assert.InRange(Sources.Count, 1, Sizes.Projects);

    [Theory]
    [InlineData("Contracts", "<ProjectReference Include='../Engine/Engine.csproj' />")]
    [InlineData("Engine", "<ProjectReference Include='../Contracts/Contracts.csproj' />")]
    [InlineData("Query.Api", "<ProjectReference Include='../Engine/Engine.csproj' />")]
    [InlineData("Ingest.Worker", "<ProjectReference Include='..\\Shard.Worker\\Shard.Worker.csproj' />")]
    [InlineData("Server", "<ProjectReference Include='../Engine/Engine.csproj' />")]
    [InlineData("Contracts", "<PackageReference Include='System.IO.Hashing' />")]
    [InlineData("Embedding", "<PackageReference Include='MassTransit' />")]
    [InlineData("Server", "<Using Include='MassTransit' />")]
    [InlineData("Query.Api", "<PackageReference Include='Microsoft.Data.Sqlite' />")]
    [InlineData("Engine", "<FrameworkReference Include='Microsoft.AspNetCore.App' />")]
    [InlineData("Shared", "")]
    public void ForbiddenReference_IsFound(string project, string item)
    {
        var xml = XDocument.Parse(
            $"<Project Sdk='Microsoft.NET.Sdk'><ItemGroup>{item}</ItemGroup></Project>", LoadOptions.SetLineInfo);
        var finding = Assert.Single(Dependencies.Of($"src/{project}/{project}.csproj", xml).DistinctBy(f => f.Line));
        Assert.Equal(1, finding.Line);
    }

    [Fact]
    public void WebSdkInALibrary_IsFound()
    {
        var xml = XDocument.Parse("<Project Sdk='Microsoft.NET.Sdk.Web' />");
        Assert.Single(Dependencies.Of("src/Engine/Engine.csproj", xml));
    }
}
