using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

/// <summary>
/// A queue of the test's own that keeps what it gets: the address of answers, or the place of a role that is not running.
/// </summary>
public sealed class Inbox
{
    readonly Lock _lock = new();
    readonly List<(object Message, Guid? RequestId)> _messages = [];
    Uri? _address;

    public Uri Address => _address ?? throw new InvalidOperationException("The queue is not open.");

    /// <summary>Opens a queue for every kind of answer.</summary>
    public static Task<Inbox> OpenAsync(RoleHost host) => OpenAsync(host, $"test-{Guid.NewGuid():n}", (inbox, endpoint) =>
    {
        inbox.Take<PointsStored>(endpoint);
        inbox.Take<PointsEvicted>(endpoint);
        inbox.Take<PointsDeleted>(endpoint);
        inbox.Take<PointsRejected>(endpoint);
        inbox.Take<ShardSearched>(endpoint);
        inbox.Take<SearchRejected>(endpoint);
        inbox.Take<PointRead>(endpoint);
        inbox.Take<PointLocated>(endpoint);
        inbox.Take<Fault<UpsertPoints>>(endpoint);
        inbox.Take<Fault<StoreVector>>(endpoint);
        inbox.Take<Fault<SearchShard>>(endpoint);
    });

    /// <summary>Opens a queue of this name; `take` says for what, by <see cref="Take{T}"/>.</summary>
    public static async Task<Inbox> OpenAsync(RoleHost host, string name, Action<Inbox, IReceiveEndpointConfigurator> take)
    {
        var inbox = new Inbox();
        var handle = host.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint(name, (_, endpoint) =>
        {
            EndpointPolicy.ForReplies(endpoint);
            take(inbox, endpoint);
        });
        inbox._address = (await handle.Ready).InputAddress;
        return inbox;
    }

    public void Take<T>(IReceiveEndpointConfigurator endpoint)
        where T : class => endpoint.Handler<T>(context =>
        {
            lock (_lock)
                _messages.Add((context.Message, context.RequestId));
            return Task.CompletedTask;
        });

    /// <summary>What has come so far, in order.</summary>
    public IReadOnlyList<T> All<T>()
    {
        lock (_lock)
            return [.. _messages.Select(item => item.Message).OfType<T>()];
    }

    public IReadOnlyList<T> AllOf<T>(Guid requestId)
    {
        lock (_lock)
            return [.. _messages.Where(item => item.RequestId == requestId).Select(item => item.Message).OfType<T>()];
    }

    /// <summary>The first that is like this, whether it has come already or comes soon.</summary>
    public Task<T> NextAsync<T>(Func<T, bool>? isLike = null)
        where T : class => Eventually.GetAsync(
            () => All<T>().FirstOrDefault(message => isLike?.Invoke(message) ?? true), $"a {typeof(T).Name}");

    /// <summary>At least so many.</summary>
    public async Task<IReadOnlyList<T>> CountAsync<T>(int count)
        where T : class => await Eventually.GetAsync(
            () => All<T>() is { } all && all.Count >= count ? all : null, $"{count} {typeof(T).Name}");
}
