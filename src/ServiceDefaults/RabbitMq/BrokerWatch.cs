using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>
/// Keeps looking whether the broker is there and the queues are open, for <see cref="BusLink"/>, and says once in the log when that
/// changes. MassTransit connects again by itself.
/// </summary>
public sealed class BrokerWatch(
    IBusControl bus, BusLink link, IOptionsMonitor<RabbitMqTransportOptions> options, Readiness readiness,
    ILogger<BrokerWatch> logger) : BackgroundService
{
    /// <summary>A request may wait that long in vain before others are told at once.</summary>
    static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <summary>Connecting takes a moment: less is not worth a warning.</summary>
    static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.AddSource(link.Lacking);
        link.Note(Absent, null);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await link.Started.WaitAsync(StartPatience, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        string? before = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var (absence, trouble) = Look();
            link.Note(absence, trouble);
            if ((absence ?? trouble) is var now && now != before)
            {
                if (now is null)
                    logger.LogInformation("RabbitMQ at {Broker} is there, the queues are open", Broker);
                else
                    logger.LogWarning("{Reason}", now);
                before = now;
            }
            await Task.Delay(Every, stoppingToken);
        }
    }

    string Broker
    {
        get
        {
            var broker = options.CurrentValue;
            return $"{broker.Host}:{broker.Port}, virtual host {broker.VHost}";
        }
    }

    string Absent => $"RabbitMQ at {Broker} cannot be reached; waiting for it.";

    (string? Absence, string? Trouble) Look()
    {
        var health = bus.CheckHealth();
        return health.Status switch
        {
            BusHealthStatus.Healthy => (null, null),
            BusHealthStatus.Unhealthy => (Absent + Refusal(health.Exception), null),
            _ => (null, $"Some queues are not open ({health.Description})." + Refusal(health.Exception)),
        };
    }

    /// <summary>What the broker said, where it is there but refuses.</summary>
    static string Refusal(Exception? exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is RabbitMQ.Client.Exceptions.OperationInterruptedException { ShutdownReason: { ReplyCode: >= 400 } reason })
                return $" It says: {reason.ReplyText}";
            else if (cause is RabbitMQ.Client.Exceptions.PossibleAuthenticationFailureException)
                return " It refuses the user and password of RabbitMqTransport__User and __Pass, or the virtual host.";
        return "";
    }
}
