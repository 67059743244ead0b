using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VectorDb.QueryApi;

/// <summary>Title and description of the OpenAPI document.</summary>
sealed class OpenApiDescription : IOpenApiDocumentTransformer
{
    public Task TransformAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "VectorDb",
            Version = typeof(OpenApiDescription).Assembly.GetName().Version?.ToString(3),
            Description = "Text in, nearest neighbours out. Errors are RFC 9457 problem details whose `detail` says what to do.",
        };
        // Endpoints take JSON under any content type; the document names the one to send.
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations ?? []))
            operation.Value.RequestBody?.Content?.Remove("*/*");
        return Task.CompletedTask;
    }
}
