namespace VectorDb.Roles.Tests;

/// <summary>Three shards and a queue for their answers. Tests that share one use ids of their own.</summary>
public sealed class ShardCluster : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    RoleHost? _host;

    public RoleHost Host => _host!;

    public Inbox Inbox { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RoleHost.StartAsync(_folder.Path, Roles.Shard);
        Inbox = await Inbox.OpenAsync(_host);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>All roles with the real model.</summary>
public sealed class Pipeline : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    RoleHost? _host;

    public RoleHost Host => _host!;

    public Inbox Inbox { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RoleHost.StartAsync(_folder.Path, Roles.All);
        Inbox = await Inbox.OpenAsync(_host);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
    }
}
