using System.Globalization;
using RabbitMQ.Client.Exceptions;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>The command line of the broker benchmark.</summary>
public static class BrokerCommand
{
    const string Usage = """
        usage: broker [--rounds N] [--seconds N] [--callers 1,8,64] [--vectors N] [--writes N] [--dimensions N]
                      [--shards N] [--shard-processes N] [--only bare,relayed,promising,naive,ours,http,writes] [--json]
        The broker: RabbitMqTransport__Host, __Port, __VHost, __User, __Pass; by default guest at localhost.
        """;

    /// <returns>0 when everything was measured, 1 when there is no broker, 2 when the arguments are wrong.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        BrokerOptions options;
        try
        {
            options = Parse(arguments);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(Usage);
            return 2;
        }
        try
        {
            await using var connection = await BareLoop.ConnectAsync();
        }
        catch (BrokerUnreachableException e)
        {
            Console.Error.WriteLine($"No broker: {e.InnerException?.Message ?? e.Message}. Start RabbitMQ, or name one:");
            Console.Error.WriteLine(Usage);
            return 1;
        }
        var report = await new BrokerBenchmark(options).RunAsync();
        Console.Out.Write(options.Json ? report.ToJson() + "\n" : report.ToTable());
        return 0;
    }

    static BrokerOptions Parse(string[] arguments)
    {
        var options = new BrokerOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--json")
            {
                options = options with { Json = true };
                continue;
            }
            if (i + 1 == arguments.Length)
                throw new ArgumentException($"{arguments[i]} needs a value.");
            var (name, value) = (arguments[i], arguments[++i]);
            options = name switch
            {
                "--rounds" => options with { Rounds = Number(name, value) },
                "--seconds" => options with { Seconds = Seconds(name, value) },
                "--vectors" => options with { Vectors = Number(name, value) },
                "--writes" => options with { Writes = Number(name, value) },
                "--dimensions" => options with { Dimensions = Number(name, value) },
                "--shards" => options with { Shards = Number(name, value) },
                "--shard-processes" => options with { ShardProcesses = Number(name, value) },
                "--callers" => options with { Callers = [.. value.Split(',').Select(part => Number(name, part))] },
                "--only" => options with { Only = value.Split(',') },
                _ => throw new ArgumentException($"{name} is not known."),
            };
        }
        return options;
    }

    static int Number(string name, string value) => int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new ArgumentException($"{name} {value} is not a number above 0.");

    static double Seconds(string name, string value) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{name} {value} is not a number above 0.");
}
