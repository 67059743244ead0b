using System.Globalization;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Starting;

/// <summary>Starts that cannot succeed: exit code 1 and a message that says what to do, and no stack trace.</summary>
public sealed class StartTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task PortInUse_IsToldToChooseAnother()
    {
        await using var server = await RunningServer.StartNewAsync();
        using var folder = new TempFolder();
        var url = server.Api.Address.GetLeftPart(UriPartial.Authority);
        await AssertRefusedAsync(["serve", "--urls", url, "--data", folder.Path], url, "in use", "--urls");
    }

    [Fact]
    public async Task DataFolderOfAnotherServer_IsToldWhoHoldsIt_AndTheOtherGoesOn()
    {
        await using var server = await RunningServer.StartNewAsync();
        await server.Api.StoreAsync("held", [1, 2]);
        var holder = server.Process.Id.ToString(CultureInfo.InvariantCulture);
        await AssertRefusedAsync(["serve", "--urls", "http://127.0.0.1:0", "--data", server.DataPath], holder, "another data folder");
        await server.Api.StoreAsync("held still", [1, 2]);
        Assert.Equal(2, await server.Api.CountAsync());
    }

    [Fact]
    public async Task AnotherNumberOfShards_IsToldBothNumbers_AndNoneNeedBeGiven()
    {
        await using var server = await RunningServer.StartNewAsync("--shards", "3");
        await server.Api.StoreAsync("kept", [1, 2]);
        await server.KillAsync();
        await AssertRefusedAsync(
            ["serve", "--urls", "http://127.0.0.1:0", "--data", server.DataPath, "--shards", "5"],
            "3 shards", "5 were asked for", "--shards 3");
        await server.StartAsync();
        Assert.Equal(3, (await server.Api.GetAsync("")).Expect()["shards"].GetArrayLength());
        (await server.Api.GetAsync("get/kept")).Expect();
    }

    [Fact]
    public async Task MissingModel_IsToldWhatToFetchAndWhereItGoes()
    {
        using var data = new TempFolder();
        using var models = new TempFolder();
        await AssertRefusedAsync(
            ["serve", "--urls", "http://127.0.0.1:0", "--data", data.Path, "--models", models.Path], "all-MiniLM-L6-v2", models.Path);
    }

    [Fact]
    public async Task DamagedModel_IsToldWhichFile()
    {
        using var data = new TempFolder();
        using var models = new TempFolder();
        var copy = Directory.CreateDirectory(Path.Combine(models.Path, "all-MiniLM-L6-v2")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(RepositoryFiles.Models, "all-MiniLM-L6-v2")))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        using (var model = File.OpenWrite(Path.Combine(copy, "model.onnx")))
            model.SetLength(model.Length / 2);
        await AssertRefusedAsync(
            ["serve", "--urls", "http://127.0.0.1:0", "--data", data.Path, "--models", models.Path], "model.onnx");
    }

    [Fact]
    public async Task FolderThatIsAFile_IsToldToChooseAnother()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        await AssertRefusedAsync(["serve", "--urls", "http://127.0.0.1:0", "--data", file], file, "another");
    }

    [Theory]
    [InlineData("--shards", "0")]
    [InlineData("--shards", "1025")]
    [InlineData("--shards", "four")]
    [InlineData("--urls", "nonsense")]
    [InlineData("--port", "9000")]
    public async Task WrongOption_IsNamed(string option, string value)
    {
        using var folder = new TempFolder();
        string[] urls = option == "--urls" ? [] : ["--urls", "http://127.0.0.1:0"];
        await AssertRefusedAsync(["serve", "--data", folder.Path, .. urls, option, value], value);
    }

    static async Task AssertRefusedAsync(string[] arguments, params string[] words)
    {
        using var process = ChildProcess.Start(arguments);
        Assert.Equal(1, await process.ExitCodeAsync(Patience));
        foreach (var word in words)
            Assert.Contains(word, process.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
        // A reason that only the log has, after a sentence about something else, sends people the wrong way.
        Assert.DoesNotContain("refused", process.Output, StringComparison.OrdinalIgnoreCase);
    }
}
