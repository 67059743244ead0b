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
        foreach (var schema in (document.Components?.Schemas?.Values ?? []).OfType<OpenApiSchema>())
            foreach (var name in (schema.Required ?? Enumerable.Empty<string>()).Where(name => MayBeNull(schema, name)).ToList())
                schema.Required!.Remove(name);
        return Task.CompletedTask;
    }

    /// <summary>Answers leave out what is null, so that nothing of that kind is always there.</summary>
    static bool MayBeNull(OpenApiSchema schema, string name) => schema.Properties?.TryGetValue(name, out var property) == true
        && (IsNull(property) || property.OneOf?.Any(IsNull) == true);

    static bool IsNull(IOpenApiSchema schema) => schema.Type is { } type && type.HasFlag(JsonSchemaType.Null);
}
