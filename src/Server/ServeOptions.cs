using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;

namespace VectorDb.Server;

/// <summary>What `vectordb serve` can be told; null leaves the setting or its default.</summary>
public sealed record ServeOptions
{
    public string Urls { get; init; } = "http://localhost:9000";

    public string? DataPath { get; init; }

    /// <summary>When not given, what the data folder was made with.</summary>
    public int? Shards { get; init; }

    public string? Model { get; init; }

    /// <summary>Folder with one folder a model.</summary>
    public string? ModelPath { get; init; }

    /// <summary>As settings of the section `VectorDb`.</summary>
    internal Dictionary<string, string?> ToSettings()
    {
        var settings = new Dictionary<string, string?>();
        Add(nameof(VectorDbOptions.DataPath), DataPath);
        Add(nameof(VectorDbOptions.Shards), (Shards ?? ShardCountFile.Read(DataPath ?? DefaultDataPath()))?.ToString());
        Add(nameof(VectorDbOptions.Model), Model);
        Add(nameof(VectorDbOptions.ModelPath), ModelPath);
        return settings;

        void Add(string name, string? value)
        {
            if (value is not null)
                settings[$"{VectorDbOptions.Section}:{name}"] = value;
        }
    }

    static string DefaultDataPath() =>
        Environment.GetEnvironmentVariable($"{VectorDbOptions.Section}__{nameof(VectorDbOptions.DataPath)}")
        ?? new VectorDbOptions().DataPath;
}
