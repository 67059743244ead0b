using System.CommandLine;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands.Shards;

/// <summary>The command <c>shards</c>: how many there are, adding and removing.</summary>
public static class ShardsCommand
{
    public static Command Create() => new CommandWithExamples("shards",
        "Look at the shards of a running server, add some or remove some while it is used.",
        "vectordb shards list",
        "vectordb shards add 2",
        "vectordb shards remove 1 --url http://db.example:9000")
    {
        CreateList(), CreateAdd(), CreateRemove(),
    };

    static Command CreateList()
    {
        var (url, json) = (SharedOptions.Url(), SharedOptions.Json());
        var command = new CommandWithExamples("list", "Print how many shards there are, how full each is, and what is being changed.",
            "vectordb shards list", "vectordb shards list --json")
        {
            url, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            using var client = new VectorDbClient(parsed.GetValue(url)!);
            ShardsView.Write(await client.GetShardsAsync(stop), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    static Command CreateAdd() => CreateChange("add", +1,
        "Add shards and give them their share of the points. Over RabbitMQ start their workers first.",
        "vectordb shards add 1", "vectordb shards add 2 --json");

    static Command CreateRemove() => CreateChange("remove", -1,
        "Empty the last shards and remove them. Over RabbitMQ their workers may be stopped afterwards.",
        "vectordb shards remove 1", "vectordb shards remove 2 --json");

    static Command CreateChange(string name, int sign, string description, params string[] examples)
    {
        var number = new Argument<int>("number") { Description = $"How many to {name}." };
        number.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value is < 1 or > Limits.ShardsMax)
                result.AddError($"Cannot {name} {value} shards: give 1 to {Limits.ShardsMax}.");
        });
        var (url, json) = (SharedOptions.Url(), SharedOptions.Json());
        var noWait = new Option<bool>("--no-wait") { Description = "Return when the change has begun, not when it is done." };
        var command = new CommandWithExamples(name, description, examples)
        {
            number, url, json, noWait,
        };
        command.SetAction(async (parsed, stop) =>
        {
            using var client = new VectorDbClient(parsed.GetValue(url)!);
            return await new ShardsChange(client, parsed.GetValue(json)) { Waits = !parsed.GetValue(noWait) }
                .RunAsync(sign * parsed.GetValue(number), stop);
        });
        return command;
    }
}
