using System.Text;
using VectorDb.Contracts;
using VectorDb.Server.Client;

namespace VectorDb.Server.Loading;

/// <summary>
/// The limits of the server that can be checked before anything is sent, so that a bad row is told apart early and
/// does not cost its whole batch a second request. The server checks again.
/// </summary>
public static class PointCheck
{
    /// <returns>What is wrong, or null.</returns>
    public static string? FindProblem(PointDraft point) =>
        FindTextProblem(point) ?? FindVectorProblem(point.Vector) ?? FindPayloadProblem(point.Payload);

    static string? FindTextProblem(PointDraft point)
    {
        if (point.Text is null)
            return point.Vector is null ? "it has neither a text nor a vector" : null;
        if (string.IsNullOrWhiteSpace(point.Text))
            return "the text is empty";
        var bytes = Encoding.UTF8.GetByteCount(point.Text);
        return bytes > Limits.TextBytesMax ? $"the text has {bytes:N0} bytes, at most {Limits.TextBytesMax:N0} are allowed" : null;
    }

    static string? FindVectorProblem(float[]? vector)
    {
        if (vector is null)
            return null;
        if (vector.Length is 0 or > Limits.DimensionsMax)
            return $"the vector has {vector.Length:N0} numbers, 1 to {Limits.DimensionsMax:N0} are allowed";
        var bad = Array.FindIndex(vector, value => !float.IsFinite(value));
        return bad < 0 ? null : $"number {bad} of the vector is not finite in 32 bits";
    }

    static string? FindPayloadProblem(string? payload)
    {
        var bytes = payload is null ? 0 : Encoding.UTF8.GetByteCount(payload);
        return bytes > Limits.PayloadBytesMax ? $"the payload has {bytes:N0} bytes, at most {Limits.PayloadBytesMax:N0} are allowed" : null;
    }
}
