using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>
/// Ends the process when the RabbitMQ client is stuck: nothing but a new process helps then (docs/decisions/0042), and one that stands
/// still while it says that it is ready helps nobody.
/// </summary>
public sealed class ClientWatch(OutgoingMessages outgoing, IHostApplicationLifetime lifetime, ILogger<ClientWatch> logger) : IHostedService
{
    /// <summary>EX_TEMPFAIL of sysexits.h: starting it again helps.</summary>
    public const int ExitCode = 75;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        outgoing.Stuck += End;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        outgoing.Stuck -= End;
        return Task.CompletedTask;
    }

    void End(Uri? address)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        logger.LogCritical(
            "The RabbitMQ client neither sends a message to {Address} nor gives it up; this process ends with code {Code}, to be started "
            + "again. What was acknowledged is stored, what was not is delivered again", address?.AbsolutePath, ExitCode);
        Environment.ExitCode = ExitCode;
        lifetime.StopApplication();
    }
}
