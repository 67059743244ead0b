using System.CommandLine;
using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>search</c>.</summary>
public static class SearchCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("words")
        {
            Description = "What to look for, in plain words.",
            Arity = ArgumentArity.OneOrMore,
        };
        var count = SharedOptions.Number("--top", "How many answers.", 1, Contracts.Limits.TopKMax);
        count.Aliases.Add("-k");
        count.DefaultValueFactory = _ => 5;
        var shards = new Option<string>("--shards")
        {
            Description = "How many shards to ask: a number, all, or auto (enough for nearly all of the true nearest).",
            HelpName = "N|all|auto",
            DefaultValueFactory = _ => "all",
        };
        shards.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && ToShards(result.Tokens[0].Value) is null)
                result.AddError($"--shards '{result.Tokens[0].Value}' is none of: a number from 1, all, auto.");
        });
        var url = SharedOptions.Url();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("search", "Find the stored points nearest in meaning to some words.",
            "vectordb search \"a person who studies insects\"",
            "vectordb search oil prices hit a record -k 10 --shards 2",
            "vectordb search \"a person who studies insects\" --json")
        {
            words, count, shards, url, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var question = new SearchInput
            {
                Text = string.Join(' ', parsed.GetValue(words)!),
                TopK = parsed.GetValue(count),
                ShardsToSearch = ToShards(parsed.GetValue(shards)!)!,
            };
            using var client = new VectorDbClient(parsed.GetValue(url)!);
            var answer = await client.SearchAsync(question, stop);
            if (parsed.GetValue(json))
                Terminal.WriteJson(answer);
            else
                PointTable.Write(answer);
            return 0;
        });
        return command;
    }

    /// <returns>A number, "all", "auto", or null for what is none of these.</returns>
    static object? ToShards(string text) =>
        text is "all" or "auto" ? text : int.TryParse(text, out var number) && number > 0 ? number : null;
}
