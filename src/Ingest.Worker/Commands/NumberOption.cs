using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace VectorDb.IngestWorker.Commands;

/// <summary>Options that take whole numbers.</summary>
public static class NumberOption
{
    /// <summary>A whole number between two bounds.</summary>
    public static Option<T> Create<T>(string name, string description, T least, T most)
        where T : struct, INumber<T>
    {
        return new Option<T>(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (!T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
                    result.AddError($"{name} '{text}' is no whole number.");
                else if (value < least || value > most)
                    result.AddError($"{name} is {value}; it goes from {least} to {most}.");
                return value;
            },
        };
    }
}
