using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.ServiceDefaults;

/// <summary>The bus of every role: one place that knows the transports.</summary>
public static class BusExtensions
{
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(8);

    /// <summary>Messages whose consumers are not done by then go back to the queue.</summary>
    static readonly TimeSpan ConsumerStopTimeout = TimeSpan.FromSeconds(4);

    /// <summary>What the host gives all that it stops, the bus included.</summary>
    static readonly TimeSpan HostStopTimeout = StopTimeout + TimeSpan.FromSeconds(0.5);

    /// <summary>A process that is not gone by then is given up.</summary>
    internal static readonly TimeSpan ProcessStopTimeout = HostStopTimeout + TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Adds the bus with the given consumers. Endpoints are connected at run time by the roles' hosted services, which must be
    /// registered after this, so that they start after the bus.
    /// </summary>
    public static IHostApplicationBuilder AddVectorDbBus(
        this IHostApplicationBuilder builder, Action<IBusRegistrationConfigurator> addConsumers)
    {
        var options = builder.Configuration.GetSection(VectorDbOptions.Section).Get<VectorDbOptions>() ?? new();
        builder.Services.AddOptions<RabbitMqTransportOptions>().BindConfiguration("RabbitMqTransport");
        builder.Services.Configure<MassTransitHostOptions>(host =>
        {
            // A broker may be away for as long as it likes: /readyz says so until it is there.
            host.WaitUntilStarted = options.Transport == TransportKind.InMemory;
            host.StopTimeout = StopTimeout;
            host.ConsumerStopTimeout = ConsumerStopTimeout;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = HostStopTimeout);
        // The library reports its use to its makers unless told not to; this server talks to nobody unasked.
        builder.Services.Configure<UsageTelemetryOptions>(usage => usage.Enabled = false);
        builder.Services.AddSingleton<BusLink>().AddSingleton<OutgoingMessages>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.AddConsumeObserver<QueueAge>();
            bus.AddBusObserver(services => services.GetRequiredService<BusLink>());
            // Its own check says "not ready" without a reason; BrokerWatch knows more.
            bus.ConfigureHealthCheckOptions(check => check.Tags.Add("bus"));
            bus.SetKebabCaseEndpointNameFormatter();
            addConsumers(bus);
            switch (options.Transport)
            {
                case TransportKind.RabbitMq:
                    bus.UsingRabbitMq((context, rabbit) =>
                    {
                        rabbit.ConfigureJsonSerializerOptions(Compact);
                        rabbit.AutoStart = true;
                        RabbitMqBus.Configure(context, rabbit);
                    });
                    break;
                default:
                    bus.UsingInMemory((_, memory) =>
                    {
                        memory.ConfigureJsonSerializerOptions(Compact);
                        memory.AutoStart = true;
                    });
                    break;
            }
        });
        if (options.Transport == TransportKind.RabbitMq)
        {
            builder.Services.AddHostedService<BrokerWatch>();
            // Each attempt to connect, with a stack trace: BrokerWatch says once what it means.
            builder.Logging.AddFilter("MassTransit", level => level >= LogLevel.Error);
        }
        return builder;
    }

    /// <summary>Registers a consumer whose endpoint a role connects by itself.</summary>
    public static void AddRoleConsumer<TConsumer>(this IBusRegistrationConfigurator bus)
        where TConsumer : class, IConsumer => bus.AddConsumer<TConsumer>().ExcludeFromConfigureEndpoints();

    /// <summary>MassTransit indents by default, which costs a quarter of a vector's message (docs/architecture.md).</summary>
    static JsonSerializerOptions Compact(JsonSerializerOptions json)
    {
        json.WriteIndented = false;
        return json;
    }
}
