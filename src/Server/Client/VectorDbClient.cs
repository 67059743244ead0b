using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.Server.Client;

/// <summary>
/// The server's HTTP interface as the command line uses it. Thread-safe. Every call throws <see cref="ApiException"/> when
/// the server answers with an error, <see cref="HttpRequestException"/> when nothing answers, and
/// <see cref="CommandFailure"/> when what answers is no vectordb. Nothing is retried here.
/// </summary>
public sealed class VectorDbClient : IDisposable
{
    readonly HttpClient _http;

    /// <param name="address">Where the server is, for example http://localhost:9000.</param>
    public VectorDbClient(Uri address)
    {
        Address = address;
        // A proxy of the environment is for other machines, and not every environment excepts this one.
        var handler = new SocketsHttpHandler { UseProxy = !address.IsLoopback, ConnectTimeout = TimeSpan.FromSeconds(10) };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(address.AbsoluteUri.TrimEnd('/') + "/"),
            // Embedding a large sample takes minutes; callers stop by their token.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Uri Address { get; }

    public Task<ServerStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        GetAsync<ServerStatus>("", cancellationToken);

    /// <summary>True when model, bus and shards are ready.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync("readyz", cancellationToken);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Stores all points, or none and throws. Returns after they are on disk.</summary>
    public async Task StoreAsync(IReadOnlyList<PointDraft> points, CancellationToken cancellationToken)
    {
        using var content = JsonBody(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("points");
            foreach (var point in points)
                point.WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        await PostAsync<JsonElement>("store", content, cancellationToken);
    }

    /// <summary>Trains centroids from a sample of points; all have a text, or all a vector.</summary>
    public async Task<TrainAnswer> TrainAsync(IReadOnlyList<PointDraft> sample, CancellationToken cancellationToken)
    {
        using var content = JsonBody(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray(sample[0].Text is null ? "vectors" : "texts");
            foreach (var point in sample)
            {
                if (point.Text is not null)
                    writer.WriteStringValue(point.Text);
                else
                    PointDraft.WriteVector(writer, point.Vector!);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        return await PostAsync<TrainAnswer>("train", content, cancellationToken);
    }

    public async Task<SearchAnswer> SearchAsync(SearchInput question, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(question, options: ApiJson.Options);
        return await PostAsync<SearchAnswer>("search", content, cancellationToken);
    }

    /// <returns>The point, or null when there is none.</returns>
    public async Task<PointAnswer?> FindPointAsync(PointId id, bool withVector, CancellationToken cancellationToken)
    {
        try
        {
            var path = $"get/{Uri.EscapeDataString(id.ToString())}?with_vector={(withVector ? "true" : "false")}";
            return await GetAsync<PointAnswer>(path, cancellationToken);
        }
        catch (ApiException missing) when (missing.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>One page of the ids of a shard, in their order.</summary>
    /// <param name="shard">Number of the shard.</param>
    /// <param name="after">Last id of the page before, or null for the first page.</param>
    /// <param name="limit">Length of a full page.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<PointId>> ListIdsAsync(int shard, PointId? after, int limit, CancellationToken cancellationToken)
    {
        var from = after is { } id ? $"&after={Uri.EscapeDataString(id.ToString())}" : "";
        return (await GetAsync<IdPage>($"shards/{shard}/list_ids?limit={limit}{from}", cancellationToken)).Ids;
    }

    /// <summary>The texts as vectors of the server's model, in the same order.</summary>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new { input = texts }, options: ApiJson.Options);
        var answer = await PostAsync<JsonElement>("v1/embeddings", content, cancellationToken);
        return [.. answer.GetProperty("data").EnumerateArray()
            .OrderBy(item => item.GetProperty("index").GetInt32())
            .Select(item => item.GetProperty("embedding").Deserialize<float[]>()!)];
    }

    public void Dispose() => _http.Dispose();

    async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(path, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    async Task<T> PostAsync<T>(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync(path, content, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new ApiException(response.StatusCode, DetailOf(body, response), RetryAfterOf(response));
        try
        {
            return JsonSerializer.Deserialize<T>(body, ApiJson.Options)!;
        }
        catch (JsonException notOurs)
        {
            throw new CommandFailure(
                $"What answers at {Address} is not vectordb (HTTP {(int)response.StatusCode}, "
                + $"{response.Content.Headers.ContentType?.MediaType ?? "no content type"}): name the right address with --url.", notOurs);
        }
    }

    static ByteArrayContent JsonBody(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, ApiJson.WriterOptions))
            write(writer);
        var content = new ByteArrayContent(bytes.GetBuffer(), 0, (int)bytes.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>The detail of a problem (RFC 9457), with the field errors if it has them.</summary>
    static string DetailOf(byte[] body, HttpResponseMessage response)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            var detail = TextOf(problem.RootElement, "detail") ?? TextOf(problem.RootElement, "title");
            return detail ?? $"HTTP {(int)response.StatusCode}";
        }
        catch (JsonException)
        {
            return $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}";
        }
    }

    sealed record IdPage(IReadOnlyList<PointId> Ids);

    static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    static TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - TimeProvider.System.GetUtcNow() is { Ticks: > 0 } wait ? wait : TimeSpan.Zero,
        _ => null,
    };
}
