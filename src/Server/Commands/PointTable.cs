using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands;

/// <summary>Points as people read them.</summary>
public static class PointTable
{
    /// <summary>Longer texts are cut in tables; <c>get</c> shows them whole.</summary>
    const int TextLengthMax = 240;

    const int IdLengthMax = 40;

    public static void Write(SearchAnswer answer)
    {
        if (answer.Results.Count == 0)
            Console.Out.WriteLine("Nothing is stored that could be found.");
        else
            Terminal.Output.Write(CreateTable(answer.Results));
        var shards = answer.Shards is { } asked ? $"{asked.Answered} of {asked.Asked} shards answered, " : "";
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shards}{answer.TookMs:0.0} ms in the server"));
        if (answer.Partial)
            Console.Error.WriteLine("The answer is partial: a shard did not answer in time. See 'vectordb status'.");
    }

    /// <summary>Score, id, shard, and text or payload of each.</summary>
    public static Table CreateTable(IReadOnlyList<PointAnswer> points)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("score").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("id").NoWrap());
        table.AddColumn(new TableColumn("shard").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("text"));
        foreach (var point in points)
        {
            var score = point.Score?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";
            var id = Cut(point.Id.ToString(), IdLengthMax);
            table.AddRow(new Text(score), new Text(id), new Text($"{point.Shard}"), new Text(Describe(point)));
        }

        return table;
    }

    /// <summary>The members of a payload on one line.</summary>
    public static string DescribePayload(JsonElement payload) => payload.ValueKind == JsonValueKind.Object
        ? string.Join(", ", payload.EnumerateObject().Select(member => $"{member.Name}: {member.Value}"))
        : payload.ToString();

    static string Describe(PointAnswer point)
    {
        var payload = point.Payload is { ValueKind: not JsonValueKind.Null } members
            ? Cut(DescribePayload(members), TextLengthMax) : null;
        var text = point.Text is null ? null : Cut(point.Text, TextLengthMax);
        return text is null ? payload ?? "" : payload is null ? text : $"{text}\n({payload})";
    }

    static string Cut(string text, int length) => text.Length <= length ? text : $"{text[..(length - 1)]}…";
}
