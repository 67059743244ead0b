using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Endpoints;

/// <summary>Ids in paths and queries.</summary>
static class PathIds
{
    /// <summary>Digits mean the number first, then the string of these digits.</summary>
    public static IEnumerable<PointId> Candidates(string text)
    {
        var id = Parse(text);
        return PointId.DigitsAsText(text) is { } digits ? [id, digits] : [id];
    }

    /// <summary>Digits mean the number, digits in double quotes the string; one more pair of quotes means the quotes themselves.</summary>
    public static PointId Exact(string text) => IsQuoted(text) ? PointId.DigitsAsText(text[1..^1]) ?? Parse(text[1..^1]) : Parse(text);

    /// <summary>What <see cref="Exact"/> reads back.</summary>
    public static string Text(PointId id)
    {
        var text = id.ToString();
        return id.Kind == PointIdKind.String && (PointId.DigitsAsText(text) is not null || IsQuoted(text)) ? $"\"{text}\"" : text;
    }

    /// <summary>Double quotes, any number of pairs, around digits.</summary>
    static bool IsQuoted(string text) => text.Length > 2 && text[0] == '"' && text[^1] == '"'
        && (PointId.DigitsAsText(text[1..^1]) is not null || IsQuoted(text[1..^1]));

    static PointId Parse(string text)
    {
        try
        {
            return PointId.FromPath(text);
        }
        catch (FormatException e)
        {
            throw ProblemException.OutOfRange(e.Message);
        }
    }
}
