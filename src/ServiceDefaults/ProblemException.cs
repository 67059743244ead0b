using Microsoft.AspNetCore.Http;

namespace VectorDb.ServiceDefaults;

/// <summary>A request that is answered with RFC 9457 problem details. The message says what to do.</summary>
public sealed class ProblemException(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>Sent as `Retry-After` with 429 and 503.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ProblemException Malformed(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static ProblemException NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    public static ProblemException Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);

    public static ProblemException TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, detail);

    public static ProblemException OutOfRange(string detail) => new(StatusCodes.Status422UnprocessableEntity, detail);

    public static ProblemException Busy(string detail) =>
        new(StatusCodes.Status429TooManyRequests, detail) { RetryAfter = TimeSpan.FromSeconds(1) };

    public static ProblemException Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = TimeSpan.FromSeconds(2) };
}
