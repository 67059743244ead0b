using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// A request body read as JSON whatever its content type says (so plain `curl -d` works), with errors that name the field.
/// Use as the parameter of an endpoint.
/// </summary>
public sealed partial class JsonBody<T>(T value) : IEndpointParameterMetadataProvider
    where T : class
{
    public T Value { get; } = value;

    /// <summary>Called by the framework.</summary>
    /// <exception cref="ProblemException">400 or 422 that names the field, or 413.</exception>
    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context)
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, HttpJson.Options, context.RequestAborted);
            return new(value ?? throw ProblemException.Malformed("The body is null; send a JSON object. " + Fields));
        }
        catch (JsonException e)
        {
            throw new ProblemException(StatusOf(e), Explain(e));
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw ProblemException.Malformed("The body holds a string that is not valid Unicode. " + e.Message);
        }
    }

    /// <summary>Called by the framework. Anything is taken as JSON; the wildcard keeps routing from answering 415.</summary>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json", "*/*"], typeof(T), isOptional: false));

    static int StatusOf(JsonException e) => e.GetType() == typeof(JsonException) || e.GetType().Namespace == "System.Text.Json"
        ? StatusCodes.Status400BadRequest
        : StatusCodes.Status422UnprocessableEntity;

    static string Explain(JsonException e)
    {
        var field = e.Path is { Length: > 2 } path && path[0] == '$' ? path[1..].TrimStart('.') : null;
        if (StatusOf(e) == StatusCodes.Status422UnprocessableEntity)
            return field is null ? e.Message : $"Field '{field}': {e.Message}";
        if (e.Message.Contains("could not be mapped", StringComparison.Ordinal))
            return $"Unknown field '{field ?? FirstQuoted().Match(e.Message).Groups[1].Value}'. {Fields}";
        if (e.InnerException is InvalidOperationException { Message: var reason } && reason.Contains("UTF-", StringComparison.Ordinal))
            return $"{(field is null ? "The body" : $"Field '{field}'")} holds a string that is not valid Unicode. {reason}";
        if (Converted().Match(e.Message) is { Success: true } match)
            return $"{(field is null ? "The body" : $"Field '{field}'")} must be {Kind(match.Groups[1].Value)}. {Fields}";
        if (e.Message.Contains("missing required", StringComparison.Ordinal))
            return $"A field is missing: {string.Join(", ", Quoted().Matches(e.Message).Skip(1).Select(m => m.Value))}. {Fields}";
        if (e.Message.Contains("does not contain any JSON tokens", StringComparison.Ordinal))
            return e.BytePositionInLine is null or 0
                ? $"The body is empty; send a JSON object. {Fields}"
                : $"The body ends in the middle of its JSON. {Fields}";
        // What the parser throws comes wrapped in its like; alone it is a converter's own sentence about a value.
        if (e.InnerException is not JsonException && field is not null && !e.Message.StartsWith("The JSON value", StringComparison.Ordinal))
            return $"Field '{field}': {FirstSentence(e.Message)}. {Fields}";
        return $"The body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): {FirstSentence(e.Message)}";
    }

    static string Fields => "Fields: " + string.Join(", ", typeof(T).GetProperties()
        .Where(property => property.CanWrite)
        .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name))) + ".";

    static string Kind(string type) => type switch
    {
        _ when type.Contains("Single[]", StringComparison.Ordinal) => "a list of numbers",
        _ when type.Contains("Single", StringComparison.Ordinal) || type.Contains("Double", StringComparison.Ordinal) => "a number",
        _ when type.Contains("Int", StringComparison.Ordinal) => "a whole number",
        _ when type.Contains("Boolean", StringComparison.Ordinal) => "true or false",
        _ when type.Contains("String", StringComparison.Ordinal) => "a string",
        _ when type.Contains("[]", StringComparison.Ordinal) || type.Contains("List", StringComparison.Ordinal) => "a list",
        _ => "an object",
    };

    static string FirstSentence(string message) => message.Split(" Path:")[0].Split(" LineNumber:")[0];

    [GeneratedRegex(@"converted to (\S+?)\.?(\s|$)")]
    private static partial Regex Converted();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex FirstQuoted();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();
}
