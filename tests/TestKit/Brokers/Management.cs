using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace VectorDb.TestKit.Brokers;

/// <summary>
/// The HTTP interface of RabbitMQ's management plugin: on the broker's host at 15672, or where VECTORDB_RABBITMQ_MANAGEMENT says.
/// </summary>
sealed class Management
{
    readonly BrokerAddress _broker;
    readonly Uri _address;

    public Management(BrokerAddress broker)
    {
        _broker = broker;
        _address = new(Environment.GetEnvironmentVariable("VECTORDB_RABBITMQ_MANAGEMENT") is { Length: > 0 } named
            ? named.TrimEnd('/') + "/"
            : $"http://{broker.Host}:15672/");
    }

    /// <summary>Returns false where the plugin does not answer or does not let this user.</summary>
    public async Task<bool> TryAddAsync(string vhost)
    {
        using var http = Client();
        try
        {
            var made = await http.PutAsJsonAsync($"api/vhosts/{vhost}", new { });
            var user = Uri.EscapeDataString(_broker.User);
            return made.IsSuccessStatusCode && (await http.PutAsJsonAsync(
                $"api/permissions/{vhost}/{user}", new { configure = ".*", write = ".*", read = ".*" })).IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public async ValueTask RemoveAsync(string vhost)
    {
        using var http = Client();
        await http.DeleteAsync($"api/vhosts/{vhost}");
    }

    HttpClient Client()
    {
        var who = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_broker.User}:{_broker.Password}"));
        return new(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = _address,
            Timeout = TimeSpan.FromSeconds(20),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", who) },
        };
    }
}
