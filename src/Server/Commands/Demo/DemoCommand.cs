using System.CommandLine;
using VectorDb.IngestWorker.Commands;

namespace VectorDb.Server.Commands.Demo;

/// <summary>The command <c>demo</c>.</summary>
public static class DemoCommand
{
    /// <summary>Enough to show that a search need not ask every shard, few enough for a laptop.</summary>
    const int ShardCount = 4;

    public static Command Create(Interruption interruption)
    {
        var exit = new Option<bool>("--exit") { Description = "Stop at the end instead of serving on." };
        var data = new Option<string>("--data")
        {
            Description = "Folder of the demo's data.",
            HelpName = "folder",
            DefaultValueFactory = _ => Path.Combine(".", "data", "demo"),
        };
        var urls = ServeCommand.UrlsOption();
        var command = new CommandWithExamples("demo",
            "See it work: 10,000 dictionary definitions are embedded, routed, stored and searched by meaning.",
            "vectordb demo", "vectordb demo --exit", "vectordb demo --urls http://localhost:9100 --data /tmp/demo")
        {
            exit, data, urls,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var folder = parsed.GetValue(data)!;
            var options = new ServeOptions
            {
                Urls = parsed.GetValue(urls)!,
                DataPath = folder,
                Shards = ShardCount,
                ModelPath = Installation.ModelPath(null),
            };
            return await new DemoRun(options, parsed.GetValue(exit), interruption).RunAsync(stop);
        });
        return command;
    }
}
