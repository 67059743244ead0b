using System.CommandLine;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>get</c>.</summary>
public static class GetCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Id of the point; digits mean the number." };
        var asString = new Option<bool>("--string") { Description = "Digits mean the string, \"5\" and not 5." };
        var withVector = new Option<bool>("--vector") { Description = "Print the vector too." };
        var url = SharedOptions.Url();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("get", "Print one stored point.",
            "vectordb get 42", "vectordb get n10056611 --json --vector")
        {
            id, asString, withVector, url, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var name = parsed.GetValue(id)!;
            using var client = new VectorDbClient(parsed.GetValue(url)!);
            var point = await client.FindPointAsync(ToId(name, parsed.GetValue(asString)), parsed.GetValue(withVector), stop);
            if (point is null)
                throw new CommandFailure($"There is no point with the id {name}.");
            if (parsed.GetValue(asString) && point.Id.Kind == PointIdKind.Number)
                throw new CommandFailure(
                    $"The id {name} is a number here. A point with the string \"{name}\", if there is one, cannot be read this way.");
            if (parsed.GetValue(json))
                Terminal.WriteJson(point);
            else
                Write(point);
            return 0;
        });
        return command;
    }

    static PointId ToId(string name, bool asString)
    {
        try
        {
            return asString ? PointId.FromText(name) : PointId.FromPath(name);
        }
        catch (FormatException wrong)
        {
            throw new CommandFailure(wrong.Message, wrong);
        }
    }

    static void Write(PointAnswer point)
    {
        Console.Out.WriteLine($"id       {point.Id} ({point.Id.Kind.ToString().ToLowerInvariant()})");
        Console.Out.WriteLine($"shard    {point.Shard}, version {point.Version}");
        if (point.Text is not null)
            Console.Out.WriteLine($"text     {point.Text}");
        if (point.Payload is { } payload)
            Console.Out.WriteLine($"payload  {payload}");
        if (point.Vector is { } vector)
            Console.Out.WriteLine($"vector   [{string.Join(", ", vector)}]");
    }
}
