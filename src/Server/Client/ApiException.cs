using System.Net;

namespace VectorDb.Server.Client;

/// <summary>The server answered with an error.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="detail">What the server says to do about it.</param>
/// <param name="retryAfter">When it may be tried again, if the server said so.</param>
public sealed class ApiException(HttpStatusCode status, string detail, TimeSpan? retryAfter) : Exception(detail)
{
    public HttpStatusCode Status => status;

    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>The request itself is wrong: the same one would be refused again.</summary>
    public bool IsRefusal => status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity
        or HttpStatusCode.RequestEntityTooLarge;

    /// <summary>The server is there and cannot take the request now.</summary>
    public bool IsBusy => status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
        or HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout;
}
