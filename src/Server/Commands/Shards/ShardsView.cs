using System.Globalization;
using Spectre.Console;
using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands.Shards;

/// <summary>How shards are shown.</summary>
static class ShardsView
{
    public static void Write(ShardsStatus shards, bool isJson)
    {
        if (isJson)
        {
            Terminal.WriteJson(shards);
            return;
        }
        var largest = shards.Balance is { } balance
            ? string.Create(
                CultureInfo.InvariantCulture, $"; the largest is shard {balance.LargestShard} with {balance.TimesMean:0.00} times the mean")
            : "";
        Console.Out.WriteLine($"{shards.Count} shards{largest}");
        if (shards.Change is { } change)
            Console.Out.WriteLine(Describe(change));
        if (shards.Advice is { } advice)
            Console.Out.WriteLine(advice);
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("shard");
        table.AddColumn(new TableColumn("points").RightAligned());
        table.AddColumn(new TableColumn("home of").RightAligned());
        table.AddColumn("health");
        foreach (var shard in shards.Shards)
            table.AddRow($"{shard.Shard}", $"{shard.Points:N0}", $"{shard.DirectoryEntries:N0} ids", Markup.Escape(shard.Health));
        Terminal.Output.Write(table);
    }

    /// <summary>One line that says where a change is.</summary>
    public static string Describe(ShardsChangeStatus change)
    {
        var waiting = change.WaitingFor.Count > 0 ? $", waiting for shard {string.Join(", ", change.WaitingFor)}" : "";
        var left = change.ToCheck > 0 ? $", at most {change.ToCheck:N0} points left to move" : "";
        return $"{change.From} to {change.To} shards: {change.Step}{left}{waiting}{(change.Problem is { } problem ? $". {problem}" : "")}";
    }
}
