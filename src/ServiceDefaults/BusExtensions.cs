using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.ServiceDefaults;

/// <summary>The bus of every role: one place that knows the transports.</summary>
public static class BusExtensions
{
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(8);

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
            host.WaitUntilStarted = true;
            host.StartTimeout = TimeSpan.FromSeconds(60);
            host.StopTimeout = StopTimeout;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout + TimeSpan.FromSeconds(2));
        // The library reports its use to its makers unless told not to; this server talks to nobody unasked.
        builder.Services.Configure<UsageTelemetryOptions>(usage => usage.Enabled = false);
        builder.Services.AddSingleton<OutgoingMessages>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.SetKebabCaseEndpointNameFormatter();
            addConsumers(bus);
            switch (options.Transport)
            {
                case TransportKind.RabbitMq:
                    bus.UsingRabbitMq((context, rabbit) =>
                    {
                        rabbit.ConfigureJsonSerializerOptions(Compact);
                        rabbit.AutoStart = true;
                        ConfigureRabbitMq(rabbit, context.GetRequiredService<OutgoingMessages>());
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
        return builder;
    }

    /// <summary>Registers a consumer whose endpoint a role connects by itself.</summary>
    public static void AddRoleConsumer<TConsumer>(this IBusRegistrationConfigurator bus)
        where TConsumer : class, IConsumer => bus.AddConsumer<TConsumer>().ExcludeFromConfigureEndpoints();

    static void ConfigureRabbitMq(IRabbitMqBusFactoryConfigurator rabbit, OutgoingMessages outgoing)
    {
        rabbit.OverrideDefaultBusEndpointQueueName($"vectordb.answers-{NewId.Next():N}");
        QueueSettings.GoWithProcess(rabbit);
        rabbit.SendTopology.ConfigureErrorSettings = QueueSettings.Errors;
        rabbit.SendTopology.ConfigureDeadLetterSettings = QueueSettings.Errors;
        rabbit.ConfigureSend(send => send.UseExecute(ReplyRoute.Direct));
        rabbit.ConnectSendObserver(outgoing);
    }

    /// <summary>MassTransit indents by default, which costs a quarter of a vector's message (docs/architecture.md).</summary>
    static JsonSerializerOptions Compact(JsonSerializerOptions json)
    {
        json.WriteIndented = false;
        return json;
    }
}
