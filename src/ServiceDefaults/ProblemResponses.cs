using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace VectorDb.ServiceDefaults;

/// <summary>Every error as problem details whose `detail` says what to do.</summary>
public static class ProblemResponses
{
    public static IServiceCollection AddProblemResponses(this IServiceCollection services) => services
        .Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true)
        .ConfigureHttpJsonOptions(json => HttpJson.Apply(json.SerializerOptions))
        .AddProblemDetails();

    /// <summary>Call before any endpoint is mapped.</summary>
    public static void UseProblemResponses(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = AnswerAsync,
            SuppressDiagnosticsCallback = context => StatusOf(context.Exception) < StatusCodes.Status500InternalServerError
                || context.Exception is ProblemException
                || DeliveryProblems.Explain(context.Exception) is not null,
        });
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext, DetailOf(context.HttpContext)));
    }

    static Task AnswerAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        Exception? exception = failure is null ? null : DeliveryProblems.Explain(failure) ?? failure;
        context.Response.StatusCode = StatusOf(exception);
        if (exception is ProblemException { RetryAfter: { } delay })
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(delay.TotalSeconds)).ToString();
        return WriteAsync(context, exception switch
        {
            ProblemException problem => problem.Message,
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                "The body is over 64 MB; send it in several requests.",
            BadHttpRequestException bad => bad.Message,
            OperationCanceledException => "The request was cancelled before it was answered; try again.",
            _ => "This is a fault of the server. Its log says more; trying again may help.",
        });
    }

    static int StatusOf(Exception? exception) => exception switch
    {
        ProblemException problem => problem.Status,
        BadHttpRequestException bad => bad.StatusCode,
        OperationCanceledException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    static string DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound =>
            $"There is no endpoint {context.Request.Method} {context.Request.Path}; /openapi.json lists them, /scalar shows them.",
        StatusCodes.Status405MethodNotAllowed =>
            $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}.",
        var status => ReasonPhrases.GetReasonPhrase(status),
    };

    static Task WriteAsync(HttpContext context, string detail) => context.RequestServices
        .GetRequiredService<IProblemDetailsService>()
        .WriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = { Status = context.Response.StatusCode, Detail = detail },
        }).AsTask();
}
