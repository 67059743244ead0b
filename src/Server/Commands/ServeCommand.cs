using System.CommandLine;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Commands;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>serve</c>.</summary>
public static class ServeCommand
{
    public static Command Create(Interruption interruption)
    {
        var urls = UrlsOption();
        var data = Named("--data", "folder", "Folder of the data (default: the setting VectorDb__DataPath, else ./data).");
        var shards = SharedOptions.Number<int>(
            "--shards", "Number of shards of a new data folder (default: the setting, else 4).", 1, Limits.ShardsMax);
        var model = Named("--model", "name", "Embedding model (default: the setting, else all-MiniLM-L6-v2).");
        var models = Named("--models", "folder", "Folder of the models (default: models/ of the repository).");
        var command = new CommandWithExamples("serve", "Run the server until Ctrl+C.",
            "vectordb serve",
            "vectordb serve --data /var/lib/vectordb --shards 8",
            "vectordb serve --urls http://0.0.0.0:9000")
        {
            urls, data, shards, model, models,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var options = new ServeOptions
            {
                Urls = parsed.GetValue(urls)!,
                DataPath = parsed.GetValue(data),
                Shards = parsed.GetResult(shards) is null ? null : parsed.GetValue(shards),
                Model = parsed.GetValue(model),
                ModelPath = Installation.ModelPath(parsed.GetValue(models)),
            };
            await using (var server = await RunningServer.StartAsync(options, stop))
            {
                Announce(server, options.DataPath);
                await server.WaitAsync(stop);
                Console.Out.WriteLine("Stopping.");
            }

            Console.Out.WriteLine("Stopped. Everything that was acknowledged is on disk.");
            return interruption.IsTermination ? 0 : Interruption.ExitCode;
        });
        return command;
    }

    static Option<string> Named(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    public static Option<string> UrlsOption()
    {
        var option = new Option<string>("--urls")
        {
            Description = "Address to listen on; several are separated by semicolons.",
            HelpName = "address",
            DefaultValueFactory = _ => SharedOptions.DefaultUrl,
        };
        option.Validators.Add(result =>
        {
            var wrong = result.Tokens.SelectMany(token => token.Value.Split(';'))
                .FirstOrDefault(url => !IsListenAddress(url.Trim()));
            if (wrong is not null)
                result.AddError(
                    $"--urls '{wrong}' is no address to listen on: write it as http://localhost:9000 or http://0.0.0.0:9000.");
        });
        return option;
    }

    /// <summary>Not a URI: a star or plus may stand for every address of the machine.</summary>
    static bool IsListenAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http" or "https", PathBase: "" };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    static void Announce(RunningServer server, string? data)
    {
        var status = server.Status;
        var model = status.Model is { } known
            ? $"{known.Name} ({known.Dimensions} dimensions, {known.MaxTokens} tokens)"
            : "none";
        var folder = data ?? Environment.GetEnvironmentVariable("VectorDb__DataPath") ?? "./data";
        Console.Out.WriteLine($"""
            vectordb {status.Version} is ready on {server.Address}
              data    {Path.GetFullPath(folder)}: {status.Points:N0} points in {status.Shards.Count} shards
              model   {model}

            Try, in another terminal:
              {string.Join("\n  ", SampleRequests.CurlLines(server.Address))}

            Ctrl+C stops the server.
            """);
    }
}
