using System.CommandLine;

namespace VectorDb.Server.Commands;

/// <summary>Options that several commands have, so that they read the same everywhere.</summary>
public static class SharedOptions
{
    public const string UrlName = "--url";
    public const string DefaultUrl = "http://localhost:9000";

    public static Option<Uri> Url() => new(UrlName)
    {
        Description = "Address of the running server.",
        HelpName = "address",
        DefaultValueFactory = _ => new Uri(DefaultUrl),
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                return url;
            result.AddError($"--url '{text}' is no address: write it as http://host:port.");
            return null;
        },
    };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object for programs." };

    /// <summary>A whole number between two bounds.</summary>
    public static Option<T> Number<T>(string name, string description, T least, T most)
        where T : struct, System.Numerics.INumber<T>
    {
        var option = new Option<T>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && T.TryParse(result.Tokens[0].Value, null, out var value)
                && (value < least || value > most))
                result.AddError($"{name} is {value}; it goes from {least} to {most}.");
        });
        return option;
    }
}
