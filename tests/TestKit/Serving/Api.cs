using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Xunit;

namespace VectorDb.TestKit.Serving;

/// <summary>A client that sends exactly what it is told to, right or wrong. Thread-safe.</summary>
public sealed class Api : IDisposable
{
    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly HttpClient _http;

    /// <summary>`timeout`: for one request; null for longer than any should take.</summary>
    public Api(Uri address, TimeSpan? timeout = null)
    {
        Address = address;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = address,
            Timeout = timeout ?? TimeSpan.FromSeconds(100),
        };
    }

    public Uri Address { get; }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>`path` as it stands, percent signs included.</summary>
    public async Task<Answer> GetAsync(string path)
    {
        using var response = await _http.GetAsync(Exactly(path), Stop);
        return await Answer.ReadAsync(response, Stop);
    }

    public async Task<Answer> DeleteAsync(string path)
    {
        using var response = await _http.DeleteAsync(Exactly(path), Stop);
        return await Answer.ReadAsync(response, Stop);
    }

    /// <summary>`body`: an object to write as JSON, or a string that is sent as it is.</summary>
    public async Task<Answer> PostAsync(string path, object body)
    {
        using var content = new StringContent(body as string ?? JsonSerializer.Serialize(body, Plain), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(new(HttpMethod.Post, Exactly(path)) { Content = content });
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, Stop);
            return await Answer.ReadAsync(response, Stop);
        }
    }

    /// <summary>Stores one point and answers with its version.</summary>
    public async Task<long> StoreAsync(object id, float[] vector, object? payload = null)
    {
        var answer = await PostAsync("store", payload is null ? new { id, vector } : new { id, vector, payload });
        return answer.Expect()["version"].GetInt64();
    }

    public async Task<long> CountAsync() => (await GetAsync("?with_centroids=false")).Expect()["points"].GetInt64();

    /// <summary>Whether no point is being moved to where the newest centroids want it. While some are, they count twice.</summary>
    public async Task<bool> HasMovedAsync() =>
        !(await GetAsync("?with_centroids=false")).Expect().Json.TryGetProperty("migration", out var moves)
        || !moves.GetProperty("running").GetBoolean();

    /// <summary>The ids of a shard in its order, read page by page.</summary>
    public Task<List<JsonElement>> ListIdsAsync(int shard, int pageSize = 10_000) => ListIdsAsync($"shards/{shard}/", pageSize);

    /// <summary>The same; `shard`: the beginning of its addresses, empty on a port of its own.</summary>
    public async Task<List<JsonElement>> ListIdsAsync(string shard, int pageSize)
    {
        var ids = new List<JsonElement>();
        var after = "";
        while (true)
        {
            var page = (await GetAsync($"{shard}list_ids?limit={pageSize}{after}")).Expect();
            ids.AddRange(page["ids"].EnumerateArray());
            if (!page.Json.TryGetProperty("next", out var next))
                return ids;
            after = $"&after={Uri.EscapeDataString(next.GetString()!)}";
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Without the rewriting that Uri does, which would undo percent-encoding of dots and others.</summary>
    Uri Exactly(string path) => new(
        $"{Address.Scheme}://{Address.Authority}/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
