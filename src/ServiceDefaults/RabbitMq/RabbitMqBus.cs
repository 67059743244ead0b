using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>How the bus uses RabbitMQ.</summary>
static class RabbitMqBus
{
    /// <summary>A broker that no longer answers is noticed after two of these.</summary>
    static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    static readonly TimeSpan ConnectionTimeout = TimeSpan.FromSeconds(5);

    public static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        Connect(context, rabbit);
        rabbit.OverrideDefaultBusEndpointQueueName($"vectordb.answers-{NewId.Next():N}");
        QueueSettings.GoWithProcess(rabbit);
        rabbit.SendTopology.ConfigureErrorSettings = QueueSettings.Errors;
        rabbit.SendTopology.ConfigureDeadLetterSettings = QueueSettings.Errors;
        rabbit.ConfigureSend(send => send.UseExecute(ReplyRoute.Direct));
        rabbit.ConnectSendObserver(context.GetRequiredService<OutgoingMessages>());
    }

    /// <summary>As MassTransit reads its settings, with times of our own.</summary>
    static void Connect(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit)
    {
        var broker = context.GetRequiredService<IOptionsMonitor<RabbitMqTransportOptions>>().CurrentValue;
        var tls = context.GetRequiredService<IOptionsMonitor<RabbitMqSslOptions>>().CurrentValue;
        rabbit.Host(broker.Host, broker.Port, broker.VHost, broker.ConnectionName, host =>
        {
            host.Username(broker.User);
            host.Password(broker.Pass);
            host.Heartbeat(Heartbeat);
            host.RequestedConnectionTimeout(ConnectionTimeout);
            if (broker.UseSsl)
                host.UseSsl(secure => Secure(secure, tls));
        });
    }

    static void Secure(IRabbitMqSslConfigurator secure, RabbitMqSslOptions tls)
    {
        if (!string.IsNullOrWhiteSpace(tls.ServerName))
            secure.ServerName = tls.ServerName;
        if (!string.IsNullOrWhiteSpace(tls.CertPath))
            secure.CertificatePath = tls.CertPath;
        if (!string.IsNullOrWhiteSpace(tls.CertPassphrase))
            secure.CertificatePassphrase = tls.CertPassphrase;
        secure.UseCertificateAsAuthenticationIdentity = tls.CertIdentity;
        secure.Protocol = tls.Protocol;
    }
}
