using System.Runtime.InteropServices;
using System.Text;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>How large points become in a request, so that a request stays within the server's limit.</summary>
public static class RequestBytes
{
    /// <summary>Names, id and punctuation, generously.</summary>
    const int Fixed = 600;

    /// <summary>The longest that a 32-bit float gets in JSON, comma included.</summary>
    const int PerNumber = 15;

    /// <summary>
    /// At most this many bytes, except for a text of control characters, each of which becomes an escape of six.
    /// </summary>
    public static int Of(PointInput point) => Fixed
        + (point.Text is null ? 0 : Encoding.UTF8.GetByteCount(point.Text))
        + (point.Vector?.Length ?? 0) * PerNumber
        + (point.Payload is { } payload ? JsonMarshal.GetRawUtf8Value(payload).Length : 0);
}
