using System.CommandLine;
using VectorDb.IngestWorker.Loading;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Server.Commands.Errors;

/// <summary>The options that say which messages of which broker are meant.</summary>
sealed class Selection
{
    public Option<string> Queue { get; } = new("--queue")
    {
        Description = "Only this queue, such as vectordb.shard-3.write_error or vectordb.ingest.",
        HelpName = "name",
    };

    public Option<string[]> Message { get; } = new("--message")
    {
        Description = "Only the message of this id, as 'errors list' shows it; may be given several times.",
        HelpName = "id",
    };

    public Option<bool> All { get; } = new("--all") { Description = "Every message." };

    public Option<string> Broker { get; } = new("--broker")
    {
        Description = "Address of RabbitMQ, amqp://user:password@host:5672/vhost (default: the settings RabbitMqTransport__Host, "
            + "__Port, __VHost, __User, __Pass).",
        HelpName = "address",
    };

    /// <summary>Either messages or all of them must be named: no command changes everything by accident.</summary>
    public void Require(Command command) => command.Validators.Add(result =>
    {
        var hasMessages = result.GetResult(Message) is not null;
        if (hasMessages == (result.GetResult(All) is not null))
            result.AddError("Say which messages: --message ID (see 'vectordb errors list'), or --all.");
    });

    public string? ReadBroker(ParseResult parsed) => parsed.GetValue(Broker) switch
    {
        null => null,
        var address when Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" => address,
        var address => throw new CommandFailure($"--broker '{address}' is no address: write it as amqp://user:password@host:5672/vhost."),
    };

    public string? ReadQueue(ParseResult parsed) => parsed.GetValue(Queue);

    public Func<FailedMessage, bool> ReadMeant(ParseResult parsed)
    {
        var ids = Ids(parsed);
        return message => ids.Count == 0 || ids.Contains(message.Id);
    }

    /// <summary>The ids that were asked for and not found.</summary>
    public IReadOnlyList<string> Missing(ParseResult parsed, IReadOnlyList<Handled> handled) =>
        [.. Ids(parsed).Except(handled.SelectMany(queue => queue.Ids))];

    HashSet<string> Ids(ParseResult parsed) => [.. parsed.GetValue(Message) ?? []];
}
