using System.CommandLine;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Commands.Errors;

/// <summary>The command <c>errors</c>: messages that could not be handled, over RabbitMQ.</summary>
public static class ErrorsCommand
{
    public static Command Create() => new CommandWithExamples("errors",
        "Look at messages that could not be handled and were put aside (RabbitMQ only): list, replay or drop them.",
        "vectordb errors list",
        "vectordb errors replay --all",
        "vectordb errors drop --queue vectordb.shard-3.write_error --message 0199a3c4-… --yes")
    {
        CreateList(), CreateReplay(), CreateDrop(),
    };

    static Command CreateList()
    {
        var selection = new Selection();
        var limit = SharedOptions.Number<int>("--limit", "Messages shown of each queue (default 20).", 1, 10_000);
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("list", "Print what was put aside, oldest first. Nothing is changed.",
            "vectordb errors list", "vectordb errors list --queue vectordb.ingest_error --limit 100 --json")
        {
            selection.Queue, selection.Broker, limit, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            await using var place = await ErrorPlace.OpenAsync(selection.ReadBroker(parsed), stop);
            var count = parsed.GetResult(limit) is null ? 20 : parsed.GetValue(limit);
            await ErrorList.WriteAsync(await place.FindAsync(selection.ReadQueue(parsed), stop), count, parsed.GetValue(json), stop);
            return 0;
        });
        return command;
    }

    static Command CreateReplay()
    {
        var selection = new Selection();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("replay", "Send messages to their queues again. Interrupted, it has lost nothing.",
            "vectordb errors replay --all", "vectordb errors replay --message 0199a3c4-1c2d-7e3f-8a9b-0c1d2e3f4a5b")
        {
            selection.Queue, selection.Message, selection.All, selection.Broker, json,
        };
        selection.Require(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var place = await ErrorPlace.OpenAsync(selection.ReadBroker(parsed), stop);
            var done = await ErrorActions.ReplayAsync(
                await place.FindAsync(selection.ReadQueue(parsed), stop), selection.ReadMeant(parsed), stop);
            return ErrorActions.Report(done, "replayed", selection.Missing(parsed, done), parsed.GetValue(json));
        });
        return command;
    }

    static Command CreateDrop()
    {
        var selection = new Selection();
        var yes = new Option<bool>("--yes") { Description = "Really: dropped messages are gone." };
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("drop", "Delete messages that were put aside.",
            "vectordb errors drop --message 0199a3c4-1c2d-7e3f-8a9b-0c1d2e3f4a5b --yes", "vectordb errors drop --all --yes")
        {
            selection.Queue, selection.Message, selection.All, selection.Broker, yes, json,
        };
        selection.Require(command);
        command.SetAction(async (parsed, stop) =>
        {
            if (!parsed.GetValue(yes))
                throw new CommandFailure("Dropped messages are gone: what they would have stored or deleted never happens. "
                    + "Look at them with 'vectordb errors list', then repeat this with --yes.");
            await using var place = await ErrorPlace.OpenAsync(selection.ReadBroker(parsed), stop);
            var done = await ErrorActions.DropAsync(
                await place.FindAsync(selection.ReadQueue(parsed), stop), selection.ReadMeant(parsed), stop);
            return ErrorActions.Report(done, "dropped", selection.Missing(parsed, done), parsed.GetValue(json));
        });
        return command;
    }
}
