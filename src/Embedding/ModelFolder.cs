using System.Globalization;
using System.Security.Cryptography;

namespace VectorDb.Embedding;

/// <summary>
/// The folder of one model, with its files checked against known checksums. It does not hold the model in memory:
/// <see cref="OnnxEmbedder.Load"/> does.
/// </summary>
public sealed class ModelFolder
{
    internal const string ModelFile = "model.onnx";
    internal const string VocabularyFile = "vocab.txt";

    ModelFolder(string path, KnownModel model, string checksum)
    {
        Path = path;
        Known = model;
        Description = new(model.Name, model.Dimensions, model.MaxTokens, checksum);
    }

    /// <summary>The folder itself, in full.</summary>
    public string Path { get; }

    /// <summary>Name, sizes and checksum, known before the model is loaded.</summary>
    public ModelDescription Description { get; }

    public string ModelPath => System.IO.Path.Combine(Path, ModelFile);

    public string VocabularyPath => System.IO.Path.Combine(Path, VocabularyFile);

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IReadOnlyList<string> KnownNames { get; } = [.. KnownModel.All.Select(model => model.Name)];

    internal KnownModel Known { get; }

    /// <summary>Finds a model's folder and checks both files; reads them once (about 30 ms for 45 MB).</summary>
    /// <param name="modelsPath">The folder that holds one folder a model, or the model's own folder.</param>
    /// <param name="modelName">One of <see cref="KnownNames"/>, exactly as written there.</param>
    /// <exception cref="ModelFolderException">Unknown, missing or damaged; the message says what to do.</exception>
    public static ModelFolder Find(string modelsPath, string modelName)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelsPath);
        ArgumentNullException.ThrowIfNull(modelName);
        var model = KnownModel.All.FirstOrDefault(known => known.Name == modelName)
            ?? throw new ModelFolderException(
                $"Unknown model \"{modelName}\". Known models: {string.Join(", ", KnownNames)}.");
        var folder = Locate(System.IO.Path.GetFullPath(modelsPath), model);
        CheckVocabulary(folder, model);
        return new(folder, model, CheckModel(folder, model));
    }

    internal ModelFolderException Unreadable(Exception reason) => new(
        $"{ModelPath} cannot be read as an ONNX model ({reason.Message}). {Remedy(Path, Known)}", reason);

    internal ModelFolderException Unfit(string reason) => new($"{ModelPath} {reason}. {Remedy(Path, Known)}");

    static string Locate(string modelsPath, KnownModel model)
    {
        var inside = System.IO.Path.Combine(modelsPath, model.Name);
        if (Directory.Exists(inside))
            return inside;
        var ownName = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(modelsPath));
        if (ownName == model.Name && Directory.Exists(modelsPath))
            return modelsPath;
        throw new ModelFolderException($"The model folder {inside} does not exist. {Remedy(inside, model)}");
    }

    static void CheckVocabulary(string folder, KnownModel model)
    {
        var path = System.IO.Path.Combine(folder, VocabularyFile);
        var bytes = Read(path, folder, model, File.ReadAllBytes);
        if (Hex(SHA256.HashData(bytes)) == model.Vocabulary.Sha256)
            return;
        var lineCount = bytes.AsSpan().Count((byte)'\n');
        var problem = lineCount != model.VocabularyCount
            ? $"has {Number(lineCount)} lines instead of {Number(model.VocabularyCount)}: it is cut short, or of another model"
            : "is damaged (one line a token, LF line ends): its checksum is not that of the model's vocabulary";
        throw new ModelFolderException($"{path} {problem}. {Remedy(folder, model)}");
    }

    static string CheckModel(string folder, KnownModel model)
    {
        var path = System.IO.Path.Combine(folder, ModelFile);
        var (checksum, length) = Read(path, folder, model, Checksum);
        if (model.Files.Any(file => file.Sha256 == checksum))
            return checksum;
        var lengths = string.Join(" or ", model.Files.Select(file => Number(file.Bytes)));
        var problem = model.Files.Any(file => file.Bytes == length)
            ? $"is damaged: it has the right length, but its SHA-256 is {checksum}"
            : $"has {Number(length)} bytes where {lengths} are expected: it is truncated, or not a known file of this model";
        throw new ModelFolderException($"{path} {problem}. {Remedy(folder, model)}");
    }

    static (string Checksum, long Length) Checksum(string path)
    {
        using var stream = File.OpenRead(path);
        return (Hex(SHA256.HashData(stream)), stream.Length);
    }

    static T Read<T>(string path, string folder, KnownModel model, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFolderException($"{path} is missing. {Remedy(folder, model)}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(
                $"{path} cannot be read ({exception.Message}). Make it readable for this user.", exception);
        }
    }

    static string Remedy(string folder, KnownModel model)
    {
        var target = System.IO.Path.GetDirectoryName(folder);
        var restore = model.InRepository ? $"In a clone, restore it with `git checkout -- models/{model.Name}`. Otherwise f" : "F";
        return $"{restore}etch it with `models/fetch-model.sh {model.Name} --to {target}` " +
            $"({Number(model.Files.Max(file => file.Bytes) / 1_000_000)} MB from {model.PublicUrl}; `--from FILE` takes a file " +
            $"that you have). {ModelFile} and {VocabularyFile} belong in {folder}.";
    }

    static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
