namespace VectorDb.TestKit.Brokers;

/// <summary>Where a broker listens, as whom, and in which virtual host.</summary>
public sealed record BrokerAddress(string Host, int Port, string User, string Password, string VHost)
{
    /// <summary>As AMQP clients take it.</summary>
    public Uri Uri => new(
        $"amqp://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{Host}:{Port}/{Uri.EscapeDataString(VHost)}");

    /// <summary>`amqp://user:password@host:port/vhost`; what is missing is as RabbitMQ ships it.</summary>
    public static BrokerAddress Parse(string text)
    {
        var uri = new Uri(text);
        var who = uri.UserInfo.Split(':', 2);
        var host = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        return new(
            uri.Host,
            uri.Port > 0 ? uri.Port : 5672,
            who[0] is { Length: > 0 } user ? Uri.UnescapeDataString(user) : "guest",
            who.Length > 1 ? Uri.UnescapeDataString(who[1]) : "guest",
            host.Length > 0 ? host : "/");
    }

    /// <summary>The settings with which one of our programs uses this broker through a cable.</summary>
    public IEnumerable<(string Name, string Value)> Settings(Link link) =>
    [
        ("VectorDb__Transport", "RabbitMq"),
        ("RabbitMqTransport__Host", "127.0.0.1"),
        ("RabbitMqTransport__Port", $"{link.Port}"),
        ("RabbitMqTransport__User", User),
        ("RabbitMqTransport__Pass", Password),
        ("RabbitMqTransport__VHost", VHost),
    ];
}
