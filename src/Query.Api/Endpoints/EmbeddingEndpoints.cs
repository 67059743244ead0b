using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>`POST /v1/embeddings` as OpenAI's, so that its clients work unchanged.</summary>
public static class EmbeddingEndpoints
{
    public static void MapEmbeddings(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/embeddings", EmbedAsync).WithName("Embeddings").WithTags("Embeddings")
            .WithSummary("Texts to vectors, in the shape of OpenAI's endpoint.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(422).ProducesProblem(503);

    static async Task<Ok<EmbeddingsAnswer>> EmbedAsync(
        JsonBody<EmbeddingsBody> body, CollectionKeeper keeper, ClusterView view, CancellationToken cancellationToken)
    {
        var router = view.Router
            ?? throw ProblemException.Unavailable("The embedding worker has not been heard of yet; try again in a moment.");
        var texts = Texts(body.Value);
        Check(body.Value, texts, router);
        var embedded = await Task.WhenAll(texts.Chunk(Limits.BatchRowsMax).Select(chunk => keeper.EmbedAsync(chunk, cancellationToken)));
        var tokens = embedded.Sum(part => part.TokenCounts.Sum());
        var isBase64 = body.Value.EncodingFormat == "base64";
        return TypedResults.Ok(new EmbeddingsAnswer
        {
            Model = router.Model,
            Data = [.. embedded.SelectMany(part => part.Vectors).Select((vector, i) => new EmbeddingAnswer
            {
                Index = i,
                Embedding = isBase64
                    ? JsonSerializer.SerializeToElement(Convert.ToBase64String(vector))
                    : JsonSerializer.SerializeToElement(VectorBytes.ToFloats(vector)),
            })],
            Usage = new(tokens, tokens),
        });
    }

    static List<string> Texts(EmbeddingsBody body)
    {
        const string remedy = "\"input\" must be a text or a list of texts.";
        var input = body.Input;
        if (input.ValueKind == JsonValueKind.String)
            return [Text(input)];
        if (input.ValueKind != JsonValueKind.Array)
            throw ProblemException.Malformed(remedy);
        var texts = new List<string>();
        foreach (var element in input.EnumerateArray())
            texts.Add(element.ValueKind == JsonValueKind.String
                ? Text(element)
                : throw ProblemException.Malformed(element.ValueKind is JsonValueKind.Number or JsonValueKind.Array
                    ? remedy + " Token numbers are not taken: send the text."
                    : remedy));
        return texts;
    }

    static string Text(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ProblemException.Malformed("\"input\" has a text that is not valid Unicode (half of a surrogate pair).");
        }
    }

    static void Check(EmbeddingsBody body, List<string> texts, RouterAnnounced router)
    {
        if (body.Model is { Length: > 0 } model && model != router.Model)
            throw ProblemException.NotFound($"There is no model '{model}'; this server has '{router.Model}'.");
        if (body.EncodingFormat is not (null or "float" or "base64"))
            throw ProblemException.OutOfRange($"encoding_format is '{body.EncodingFormat}'; give \"float\" or \"base64\".");
        if (body.Dimensions is { } dimensions && dimensions != router.Dimensions)
            throw ProblemException.OutOfRange($"dimensions is {dimensions}; the model {router.Model} makes {router.Dimensions}.");
        if (texts.Count is 0 or > Limits.EmbeddingInputsMax)
            throw ProblemException.OutOfRange($"\"input\" has {texts.Count} texts; give 1 to {Limits.EmbeddingInputsMax}.");
        for (var i = 0; i < texts.Count; i++)
            if (Encoding.UTF8.GetByteCount(texts[i]) > Limits.TextBytesMax)
                throw ProblemException.OutOfRange(
                    $"input[{i}] is over {Limits.TextBytesMax} bytes; shorten it (the model reads {router.MaxTokens} tokens).");
    }
}

/// <summary>Body of `POST /v1/embeddings`.</summary>
public sealed record EmbeddingsBody
{
    /// <summary>The server's model; may be left out.</summary>
    public string? Model { get; init; }

    /// <summary>A text or a list of texts.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>"float" (default) or "base64": little-endian float32.</summary>
    public string? EncodingFormat { get; init; }

    /// <summary>Only the model's own size is possible.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Accepted because OpenAI's clients send it; not used.</summary>
    public string? User { get; init; }
}

/// <summary>Answer of `POST /v1/embeddings`.</summary>
public sealed record EmbeddingsAnswer
{
    public string Object { get; init; } = "list";

    public required IReadOnlyList<EmbeddingAnswer> Data { get; init; }

    public required string Model { get; init; }

    public required UsageAnswer Usage { get; init; }
}

/// <summary>One vector: a list of numbers, or base64 of little-endian float32.</summary>
public sealed record EmbeddingAnswer
{
    public string Object { get; init; } = "embedding";

    public required int Index { get; init; }

    public required JsonElement Embedding { get; init; }
}

/// <summary>What the model read, special tokens included, after cutting.</summary>
public sealed record UsageAnswer(int PromptTokens, int TotalTokens);
