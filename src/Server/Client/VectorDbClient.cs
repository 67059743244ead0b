using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Client;

/// <summary>
/// The server's HTTP interface as the command line uses it. Thread-safe. Every call throws <see cref="ApiException"/>
/// when the server answers with an error, <see cref="HttpRequestException"/> when nothing answers, and
/// <see cref="CommandFailure"/> when what answers is no vectordb. Nothing is retried here.
/// </summary>
public sealed class VectorDbClient : IDisposable
{
    readonly HttpClient _http;

    /// <param name="address">Where the server is, for example http://localhost:9000.</param>
    public VectorDbClient(string address)
    {
        Address = address.TrimEnd('/');
        var uri = new Uri(Address + "/");
        // A proxy of the environment is for other machines, and not every environment excepts this one.
        var handler = new SocketsHttpHandler { UseProxy = !uri.IsLoopback, ConnectTimeout = TimeSpan.FromSeconds(10) };
        _http = new HttpClient(handler)
        {
            BaseAddress = uri,
            // Embedding a large sample takes minutes; callers stop by their token.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The address without a slash at its end.</summary>
    public string Address { get; }

    public Task<ServerStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        GetAsync<ServerStatus>("", cancellationToken);

    public Task<ShardsStatus> GetShardsAsync(CancellationToken cancellationToken) => GetAsync<ShardsStatus>("shards", cancellationToken);

    /// <summary>Begins to add or remove shards. `count`: how many there are to be.</summary>
    public Task<ShardsStatus> ChangeShardsAsync(int count, CancellationToken cancellationToken) =>
        PostAsync<ShardsStatus>("shards", new { count }, cancellationToken);

    /// <summary>True when model, bus and shards are ready.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync("readyz", cancellationToken);
        return response.IsSuccessStatusCode
            || (response.StatusCode == HttpStatusCode.ServiceUnavailable ? false : throw NotOurs(response));
    }

    /// <summary>Stores all points, or none and throws. Returns after they are on disk.</summary>
    public Task StoreAsync(IReadOnlyList<PointInput> points, CancellationToken cancellationToken) =>
        PostAsync<JsonElement>("store", new { points }, cancellationToken);

    /// <summary>
    /// Trains centroids from the vectors of the points, or from the texts of those that have no vector. `sampledFrom`: how many points
    /// these stand for.
    /// </summary>
    public Task<TrainAnswer> TrainAsync(IReadOnlyList<PointInput> sample, long sampledFrom, CancellationToken cancellationToken)
    {
        var vectors = sample.Where(point => point.Vector is not null).Select(point => point.Vector);
        var texts = sample.Where(point => point.Vector is null).Select(point => point.Text);
        return vectors.Any()
            ? PostAsync<TrainAnswer>("train", new { vectors, sampledFrom }, cancellationToken)
            : PostAsync<TrainAnswer>("train", new { texts, sampledFrom }, cancellationToken);
    }

    /// <summary>Trains centroids from what is stored; then points are moved in the background.</summary>
    public Task<TrainAnswer> TrainFromStoredAsync(CancellationToken cancellationToken) =>
        PostAsync<TrainAnswer>("train", new { }, cancellationToken);

    public Task<SearchAnswer> SearchAsync(SearchInput question, CancellationToken cancellationToken) =>
        PostAsync<SearchAnswer>("search", question, cancellationToken);

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
    /// <param name="after">What the page before gave as <see cref="IdPage.Next"/>; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IdPage> ListIdsAsync(int shard, string? after, int limit, CancellationToken cancellationToken)
    {
        var from = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
        return GetAsync<IdPage>($"shards/{shard}/list_ids?limit={limit}{from}", cancellationToken);
    }

    /// <summary>The texts as vectors of the server's model, in the same order.</summary>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var answer = await PostAsync<JsonElement>("v1/embeddings", new { input = texts }, cancellationToken);
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

    async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Options));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
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
            throw NotOurs(response, notOurs);
        }
    }

    CommandFailure NotOurs(HttpResponseMessage response, Exception? cause = null) => new(
        $"What answers at {Address} is not vectordb (HTTP {(int)response.StatusCode}, "
        + $"{response.Content.Headers.ContentType?.MediaType ?? "no content type"}): name the right address with --url.",
        cause);

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

    static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    static TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - TimeProvider.System.GetUtcNow() is { Ticks: > 0 } wait ? wait : TimeSpan.Zero,
        _ => null,
    };
}
