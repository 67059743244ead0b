using System.CommandLine;
using System.Numerics;
using VectorDb.IngestWorker.Commands;

namespace VectorDb.Server.Commands;

/// <summary>Options that several commands have, so that they read the same everywhere.</summary>
public static class SharedOptions
{
    public const string UrlName = "--url";
    public const string DefaultUrl = "http://localhost:9000";

    public static Option<string> Url()
    {
        var option = new Option<string>(UrlName)
        {
            Description = "Address of the running server.",
            HelpName = "address",
            DefaultValueFactory = _ => DefaultUrl,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !IsAddress(result.Tokens[0].Value))
                result.AddError($"--url '{result.Tokens[0].Value}' is no address: write it as http://host:port.");
        });
        return option;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object for programs." };

    static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    /// <summary>A whole number between two bounds.</summary>
    public static Option<T> Number<T>(string name, string description, T least, T most)
        where T : struct, INumber<T> => NumberOption.Create(name, description, least, most);
}
