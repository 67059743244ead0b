using System.Diagnostics;
using Xunit;

namespace VectorDb.Embedding.Tests;

public sealed class UnicodeRequirementTests
{
    [Fact]
    public void WithoutIcu_LoadingSaysWhatToInstall()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT") == "1")
        {
            var error = Assert.Throws<PlatformNotSupportedException>(
                () => OnnxEmbedder.Load(ModelFolder.Find(ModelPlaces.Repository, ModelPlaces.MiniLm)));
            Assert.Contains("libicu", error.Message, StringComparison.Ordinal);
            Assert.Contains("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", error.Message, StringComparison.Ordinal);
            return;
        }

        // Globalization is decided when a process starts, so this test runs itself in another one.
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(UnicodeRequirementTests).Assembly.Location);
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"{typeof(UnicodeRequirementTests).FullName}.{nameof(WithoutIcu_LoadingSaysWhatToInstall)}");
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 && output.Contains("Total: 1,", StringComparison.Ordinal), output);
    }
}
