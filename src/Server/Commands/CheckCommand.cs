using System.CommandLine;
using VectorDb.Engine;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Benchmarking;
using VectorDb.ShardWorker;
using VectorDb.ShardWorker.Checking;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>check</c>.</summary>
public static class CheckCommand
{
    public static Command Create()
    {
        var data = DataFolders.Option();
        var repair = new Option<bool>("--repair")
        {
            Description = "Repair what can be repaired without losing anything, then check again.",
        };
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("check",
            "Check the data of a stopped server: files, rows, directory, centroids. The exit code is 0 when nothing is damaged.",
            "vectordb check",
            "vectordb check --data /var/lib/vectordb --repair",
            "vectordb check --data /data/shard-0 --data /data/shard-1 --json")
        {
            data, repair, json,
        };
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            var folders = DataFolders.Given(parsed, data);
            return Run(folders, parsed.GetValue(repair), parsed.GetValue(json), stop);
        }));
        return command;
    }

    static int Run(IReadOnlyList<string> folders, bool isRepair, bool isJson, CancellationToken stop)
    {
        var steps = new StepDisplay(Console.Error, Terminal.NotesAreOnScreen);
        try
        {
            var report = FolderCheck.Run(folders, steps.Show, stop);
            IReadOnlyList<string> repairs = [];
            var before = report;
            if (isRepair && report.DamageCount > report.BeyondRepair)
            {
                repairs = FolderCheck.Repair(folders, report, steps.Show, stop);
                report = FolderCheck.Run(folders, steps.Show, stop);
            }
            steps.Clear();
            if (isJson)
                Terminal.WriteJson(AnswerOf(report, repairs));
            else
                Write(before, report, repairs, isRepair);
            return report.IsClean ? 0 : CommandLine.Failed;
        }
        catch (Exception e) when (e is ShardException or DataFolderException)
        {
            steps.Clear();
            throw new CommandFailure(e.Message, e);
        }
    }

    static void Write(CheckReport before, CheckReport after, IReadOnlyList<string> repairs, bool isRepair)
    {
        WriteDamage(before);
        if (repairs.Count > 0)
        {
            WriteCapped(repairs, repairs.Count, "repaired: ");
            Console.Out.WriteLine("Checked again:");
            WriteDamage(after);
        }
        foreach (var note in after.Notes)
            Console.Out.WriteLine($"note: {note}");
        Console.Out.WriteLine($"{after.Shards.Count} shards, {after.Rows:N0} rows, {after.DirectoryEntries:N0} directory entries: "
            + (after.IsClean ? "no damage." : $"{after.DamageCount:N0} findings, {after.BeyondRepair:N0} of them beyond repair."
                + (!isRepair && after.DamageCount > after.BeyondRepair ? " 'vectordb check --repair' repairs the others." : "")));
    }

    static void WriteDamage(CheckReport report) => WriteCapped(report.Damage, report.DamageCount, "");

    static void WriteCapped(IReadOnlyList<string> lines, long count, string prefix)
    {
        foreach (var line in lines.Take(Findings.ShownMax))
            Console.Out.WriteLine(prefix + line);
        if (count > Findings.ShownMax)
            Console.Out.WriteLine($"... and {count - Findings.ShownMax:N0} more.");
    }

    static CheckAnswer AnswerOf(CheckReport report, IReadOnlyList<string> repairs) => new()
    {
        Clean = report.IsClean,
        Shards = report.Shards,
        Rows = report.Rows,
        DirectoryEntries = report.DirectoryEntries,
        Damage = report.Damage,
        DamageCount = report.DamageCount,
        BeyondRepair = report.BeyondRepair,
        Notes = report.Notes,
        Repaired = [.. repairs.Take(Findings.ShownMax)],
        RepairedCount = repairs.Count,
    };

    /// <summary>What `--json` prints; after a repair, of the check that followed it.</summary>
    sealed record CheckAnswer
    {
        public required bool Clean { get; init; }

        public required IReadOnlyList<int> Shards { get; init; }

        public required long Rows { get; init; }

        public required long DirectoryEntries { get; init; }

        /// <summary>The first 50.</summary>
        public required IReadOnlyList<string> Damage { get; init; }

        public required long DamageCount { get; init; }

        public required long BeyondRepair { get; init; }

        public required IReadOnlyList<string> Notes { get; init; }

        /// <summary>The first 50.</summary>
        public required IReadOnlyList<string> Repaired { get; init; }

        public required int RepairedCount { get; init; }
    }
}
