using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>Ids in paths: digits mean the number first, then the string of these digits.</summary>
static class PathId
{
    /// <exception cref="ProblemException">422 when it cannot be an id.</exception>
    public static IEnumerable<PointId> Candidates(string text)
    {
        PointId id;
        try
        {
            id = PointId.FromPath(text);
        }
        catch (FormatException e)
        {
            throw ProblemException.OutOfRange(e.Message);
        }
        return PointId.DigitsAsText(text) is { } digits ? [id, digits] : [id];
    }

    public static ProblemException NotFound(string text) =>
        ProblemException.NotFound($"There is no point with the id {text}.");
}
