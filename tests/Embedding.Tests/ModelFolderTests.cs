using Xunit;

namespace VectorDb.Embedding.Tests;

/// <summary>Every way a model can be wrong gives a message that says what to fetch and where to put it.</summary>
public sealed class ModelFolderTests : IDisposable
{
    readonly string _models = Directory.CreateTempSubdirectory("models-").FullName;

    string Folder => Path.Combine(_models, ModelPlaces.MiniLm);

    string Model => Path.Combine(Folder, "model.onnx");

    string Vocabulary => Path.Combine(Folder, "vocab.txt");

    public void Dispose() => Directory.Delete(_models, recursive: true);

    [Fact]
    public void TheRepositorysModel_IsFoundByItsParentAndByItself()
    {
        var byParent = ModelFolder.Find(ModelPlaces.Repository, ModelPlaces.MiniLm);
        var byItself = ModelFolder.Find(byParent.Path + Path.DirectorySeparatorChar, ModelPlaces.MiniLm);
        Assert.Equal(byParent.ModelPath, byItself.ModelPath);
        Assert.Equal(byParent.Description, byItself.Description);
        Assert.Equal(ModelFolder.KnownNames, [ModelPlaces.MiniLm, ModelPlaces.Mpnet]);
    }

    [Theory]
    [InlineData("all-minilm-l6-v2")]
    [InlineData("../all-MiniLM-L6-v2")]
    [InlineData("")]
    public void AnUnknownName_NamesTheKnownOnes(string name) =>
        Refused(name, "Unknown model", ModelPlaces.MiniLm, ModelPlaces.Mpnet);

    [Fact]
    public void AMissingFolder_SaysWhatToFetch()
    {
        Refused(ModelPlaces.MiniLm, Folder, "does not exist", "git checkout -- models/all-MiniLM-L6-v2");
        Refused(ModelPlaces.Mpnet, "does not exist", $"models/fetch-model.sh all-mpnet-base-v2 --to {_models}",
            "https://huggingface.co/sentence-transformers/all-mpnet-base-v2", "435 MB", "--from FILE");
    }

    [Fact]
    public void AMissingModel_SaysWhatToFetch()
    {
        Lay();
        File.Delete(Model);
        RefusedWithRemedy($"{Model} is missing");
    }

    [Fact]
    public void AMissingVocabulary_SaysWhatToFetch()
    {
        Lay();
        File.Delete(Vocabulary);
        RefusedWithRemedy($"{Vocabulary} is missing");
    }

    [Fact]
    public void AShortVocabulary_SaysHowManyLinesAreExpected()
    {
        Lay();
        File.WriteAllLines(Vocabulary, File.ReadLines(Path.Combine(ModelPlaces.Repository, ModelPlaces.MiniLm, "vocab.txt")).Take(1_000));
        RefusedWithRemedy($"{Vocabulary} has 1,000 lines instead of 30,522");
    }

    [Fact]
    public void AVocabularyWithOtherLineEnds_SaysSo()
    {
        Lay();
        File.WriteAllText(Vocabulary, File.ReadAllText(Vocabulary).Replace("\n", "\r\n", StringComparison.Ordinal));
        RefusedWithRemedy("LF line ends");
    }

    [Fact]
    public void ATruncatedModel_SaysHowManyBytesAreExpected()
    {
        Lay();
        using (var stream = File.OpenWrite(Model))
            stream.SetLength(1_000_000);
        RefusedWithRemedy("has 1,000,000 bytes where 45,296,718 or 90,405,214 are expected: it is truncated");
    }

    [Fact]
    public void AnEmptyModel_IsRefused()
    {
        Lay();
        File.WriteAllBytes(Model, []);
        RefusedWithRemedy("has 0 bytes");
    }

    [Fact]
    public void AModelWithOneBitWrong_IsRefusedByItsChecksum()
    {
        Lay();
        using (var stream = File.Open(Model, FileMode.Open))
        {
            stream.Position = 30_000_000;
            var value = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)(value ^ 1));
        }

        RefusedWithRemedy("is damaged: it has the right length, but its SHA-256 is ");
    }

    [Fact]
    public void AModelDamagedAfterItWasChecked_IsRefusedOnLoading()
    {
        Lay();
        var folder = ModelFolder.Find(_models, ModelPlaces.MiniLm);
        File.WriteAllText(Model, "not a graph");
        var error = Assert.Throws<ModelFolderException>(() => OnnxEmbedder.Load(folder));
        Assert.Contains("cannot be read as an ONNX model", error.Message, StringComparison.Ordinal);
        Assert.Contains("fetch-model.sh", error.Message, StringComparison.Ordinal);
    }

    void Lay()
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in new[] { "model.onnx", "vocab.txt" })
        {
            var bytes = File.ReadAllBytes(Path.Combine(ModelPlaces.Repository, ModelPlaces.MiniLm, file));
            File.WriteAllBytes(Path.Combine(Folder, file), bytes);
        }
    }

    void RefusedWithRemedy(string problem) => Refused(
        ModelPlaces.MiniLm,
        problem,
        "git checkout -- models/all-MiniLM-L6-v2",
        $"models/fetch-model.sh all-MiniLM-L6-v2 --to {_models}",
        $"model.onnx and vocab.txt belong in {Folder}");

    void Refused(string name, params string[] parts)
    {
        var error = Assert.Throws<ModelFolderException>(() => ModelFolder.Find(_models, name));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
