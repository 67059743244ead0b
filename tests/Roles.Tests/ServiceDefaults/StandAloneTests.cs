using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests.ServiceDefaults;

public sealed class StandAloneTests
{
    /// <summary>Much longer than the server needs to start and stop, much shorter than the patience of a test.</summary>
    static readonly TimeSpan Within = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task RunInTime_SomethingNeverCloses_EndsAllTheSame()
    {
        var stuck = new StuckService();
        await using var app = App(stuck);

        var running = app.RunInTimeAsync(Within);
        await StartedAsync(app);
        app.Lifetime.StopApplication();

        await running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(stuck.Asked.IsCompleted);
        stuck.Release();
    }

    [Fact]
    public async Task RunInTime_AllCloses_EndsAtOnce()
    {
        var stuck = new StuckService();
        stuck.Release();
        await using var app = App(stuck);

        var running = app.RunInTimeAsync(TimeSpan.FromHours(1));
        await StartedAsync(app);
        app.Lifetime.StopApplication();

        await running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task RunInTime_CannotStart_Throws()
    {
        await using var other = App(new StuckService());
        await other.StartAsync(TestContext.Current.CancellationToken);
        await using var app = App(new StuckService(), other.Urls.First());

        await Assert.ThrowsAnyAsync<IOException>(() => app.RunInTimeAsync(Within));
    }

    static WebApplication App(StuckService stuck, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Services.AddSingleton<IHostedService>(stuck);
        return builder.Build();
    }

    static async Task StartedAsync(WebApplication app)
    {
        var started = new TaskCompletionSource();
        using var noted = app.Lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    sealed class StuckService : IHostedService
    {
        readonly TaskCompletionSource _asked = new();
        readonly TaskCompletionSource _released = new();

        public Task Asked => _asked.Task;

        public void Release() => _released.TrySetResult();

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return _released.Task;
        }
    }
}
