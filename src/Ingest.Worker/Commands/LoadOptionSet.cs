using System.CommandLine;
using System.CommandLine.Parsing;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Commands;

/// <summary>The options of how to load, the same in every command that loads.</summary>
public sealed class LoadOptionSet
{
    readonly LoadOptions _defaults;
    readonly Option<int> _batch;
    readonly Option<int> _inFlight;
    readonly Option<long> _limit = NumberOption.Create<long>("--limit", "Read so many rows at most (default: all).", 1, long.MaxValue);

    readonly Option<TrainingChoice> _train = new("--train")
    {
        Description = "Train centroids from a sample before storing: auto (a tenth of the rows, where the server is "
            + "empty), a number of rows, or none (default: auto).",
        HelpName = "auto|N|none",
        CustomParser = ParseTraining,
    };

    /// <summary>`batch` and `inFlight`: what they mean to the command.</summary>
    public LoadOptionSet(LoadOptions defaults, string batch, string inFlight)
    {
        _defaults = defaults;
        _batch = NumberOption.Create("--batch", batch, 1, Limits.PointsPerRequestMax);
        _batch.DefaultValueFactory = _ => defaults.BatchSize;
        _inFlight = NumberOption.Create("--in-flight", inFlight, 1, 64);
        _inFlight.DefaultValueFactory = _ => defaults.InFlight;
    }

    public Option<bool> Strict { get; } = new("--strict") { Description = "Exit code 2 when any row was left out." };

    public Option<string> Rejected { get; } = new("--rejected")
    {
        Description = "Write a line for each row that was left out to this file (the terminal gets the first 20).",
        HelpName = "file",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _limit, _batch, _inFlight, _train, Strict, Rejected })
            command.Options.Add(option);
    }

    public LoadOptions Read(ParseResult parsed) =>
        _defaults with { BatchSize = parsed.GetValue(_batch), InFlight = parsed.GetValue(_inFlight) };

    public long LimitOf(ParseResult parsed) => parsed.GetValue(_limit) is var limit and > 0 ? limit : long.MaxValue;

    public TrainingChoice TrainingOf(ParseResult parsed) => parsed.GetValue(_train) ?? TrainingChoice.Auto;

    static TrainingChoice? ParseTraining(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text == "auto")
            return TrainingChoice.Auto;
        if (text == "none")
            return TrainingChoice.None;
        if (int.TryParse(text, out var rows) && rows > 0)
            return new TrainingChoice(true, rows);
        result.AddError($"--train '{text}' is none of: auto, none, a number of rows.");
        return null;
    }
}
