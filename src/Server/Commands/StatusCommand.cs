using System.CommandLine;
using Spectre.Console;
using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Client;
using VectorDb.Server.Commands.Shards;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>status</c>.</summary>
public static class StatusCommand
{
    public static Command Create()
    {
        var url = SharedOptions.Url();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("status",
            "Print what the server holds and how it is. The exit code is 0 when it is ready.",
            "vectordb status", "vectordb status --json", "vectordb status --url http://db.example:9000")
        {
            url, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            using var client = new VectorDbClient(parsed.GetValue(url)!);
            var status = await client.GetStatusAsync(stop);
            if (parsed.GetValue(json))
                Terminal.WriteJson(status);
            else
                Write(status, client.Address);
            return status.Ready ? 0 : CommandLine.Failed;
        });
        return command;
    }

    static void Write(ServerStatus status, string address)
    {
        Console.Out.WriteLine($"server      {status.Name} {status.Version} at {address}, {status.Health}");
        Console.Out.WriteLine(status.Model is { } model
            ? $"model       {model.Name} ({model.Dimensions} dimensions, {model.MaxTokens} tokens)"
            : "model       none: only vectors can be stored and searched");
        Console.Out.WriteLine(status.Collection is { } collection
            ? $"collection  {collection.Name}: {status.Points:N0} points, {collection.Dimensions} dimensions, {collection.Metric}, "
                + (status.HasCentroids ? $"centroids of epoch {collection.Epoch}" : "no centroids")
            : "collection  none yet: the first point that is stored creates it");
        foreach (var sentence in status.Advice)
            Console.Out.WriteLine($"advice      {sentence}");
        if (status.Change is { } change)
            Console.Out.WriteLine($"shards      {ShardsView.Describe(change)}");
        Terminal.Output.Write(CreateTable(status.Shards));
    }

    static Table CreateTable(IReadOnlyList<ShardStatus> shards)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("shard");
        foreach (var name in (string[])["points", "deleted", "damaged", "index", "file"])
            table.AddColumn(new TableColumn(name).RightAligned());
        table.AddColumn("health");
        foreach (var shard in shards)
        {
            table.AddRow($"{shard.Shard}", $"{shard.Points:N0}", $"{shard.Tombstones:N0}", $"{shard.Quarantined:N0}",
                Size(shard.IndexBytes), Size(shard.FileBytes), Markup.Escape(shard.Health));
        }

        return table;
    }

    static string Size(long bytes) => $"{bytes / 1048576.0:N1} MB";
}
