using System.Text;
using VectorDb.Server.Client;

namespace VectorDb.Server.Loading;

/// <summary>
/// The limits of the server that can be checked before anything is sent, so that a bad row is told apart early and
/// does not cost its whole batch a second request. The server checks again.
/// </summary>
public static class PointCheck
{
    public const int TextBytesMax = 256 * 1024;
    public const int PayloadBytesMax = 256 * 1024;
    public const int IdBytesMax = 512;
    public const int DimensionsMax = 65_536;

    /// <returns>What is wrong, or null.</returns>
    public static string? FindProblem(PointDraft point) =>
        FindProblem(point.Id) ?? FindTextProblem(point) ?? FindVectorProblem(point.Vector) ?? FindPayloadProblem(point.Payload);

    static string? FindProblem(JsonId id)
    {
        if (id.IsNumber)
            return null;
        var bytes = Encoding.UTF8.GetByteCount(id.ToString());
        return bytes switch
        {
            0 => "the id is empty",
            > IdBytesMax => $"the id has {bytes:N0} bytes, at most {IdBytesMax} are allowed",
            _ => null,
        };
    }

    static string? FindTextProblem(PointDraft point)
    {
        if (point.Text is null)
            return point.Vector is null ? "it has neither a text nor a vector" : null;
        if (string.IsNullOrWhiteSpace(point.Text))
            return "the text is empty";
        var bytes = Encoding.UTF8.GetByteCount(point.Text);
        return bytes > TextBytesMax ? $"the text has {bytes:N0} bytes, at most {TextBytesMax:N0} are allowed" : null;
    }

    static string? FindVectorProblem(float[]? vector)
    {
        if (vector is null)
            return null;
        if (vector.Length is 0 or > DimensionsMax)
            return $"the vector has {vector.Length:N0} numbers, 1 to {DimensionsMax:N0} are allowed";
        var bad = Array.FindIndex(vector, value => !float.IsFinite(value));
        return bad < 0 ? null : $"number {bad} of the vector is not finite in 32 bits";
    }

    static string? FindPayloadProblem(string? payload)
    {
        var bytes = payload is null ? 0 : Encoding.UTF8.GetByteCount(payload);
        return bytes > PayloadBytesMax ? $"the payload has {bytes:N0} bytes, at most {PayloadBytesMax:N0} are allowed" : null;
    }
}
