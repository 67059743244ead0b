using System.Diagnostics;
using Xunit;

namespace VectorDb.Architecture.Tests.Deployment;

/// <summary>What docs/operations.md says of `dotnet run`, as MSBuild understands the projects.</summary>
public sealed class RunTests
{
    /// <summary>Or ./models, ./data and files on the command line would be looked for in the project's folder.</summary>
    [Theory]
    [InlineData("src/Ingest.Worker")]
    [InlineData("src/Shard.Worker")]
    [InlineData("src/Query.Api")]
    public async Task DotnetRun_StaysWhereTheUserIs(string project)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-getProperty:RunWorkingDirectory"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        using var msbuild = Process.Start(start)!;
        var folder = await msbuild.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await msbuild.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, msbuild.ExitCode);
        Assert.Equal("", folder.Trim());
    }
}
