using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

public sealed class ShardCountFileTests : IDisposable
{
    readonly TempFolder _folder = new();

    [Fact]
    public void NewFolder_GetsTheNumberAndKeepsIt()
    {
        var path = Path.Combine(_folder.Path, "new", "deeper");
        Assert.Null(ShardCountFile.Read(path));
        ShardCountFile.Check(path, 4);
        ShardCountFile.Check(path, 4);
        Assert.Equal(4, ShardCountFile.Read(path));
        Assert.Equal("4\n", File.ReadAllText(Path.Combine(path, "shards")));
    }

    [Fact]
    public void FolderOfAnotherNumber_IsRefusedWithBothAndTheWayOut()
    {
        ShardCountFile.Check(_folder.Path, 4);
        var message = Assert.Throws<DataFolderException>(() => ShardCountFile.Check(_folder.Path, 8)).Message;
        Assert.Contains("with 4 shards, and 8 were asked for", message);
        Assert.Contains("--shards 4", message);
        Assert.Equal(4, ShardCountFile.Read(_folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("four")]
    [InlineData("-4")]
    public void FileThatHoldsNoNumber_IsNamed(string text)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "shards"), text);
        var message = Assert.Throws<DataFolderException>(() => ShardCountFile.Read(_folder.Path)).Message;
        Assert.Contains("shards should hold the number", message);
    }

    [Fact]
    public void FolderThatCannotBeMade_IsNamed()
    {
        var file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        Assert.Contains("cannot be written", Assert.Throws<DataFolderException>(() => ShardCountFile.Check(file, 4)).Message);
    }

    public void Dispose() => _folder.Dispose();
}
