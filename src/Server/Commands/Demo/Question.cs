using System.Text.Json;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands.Demo;

/// <summary>A question in plain words that was not loaded, and the word that it asks for.</summary>
public sealed record Question(string Text, string Word)
{
    public static IReadOnlyList<Question> ReadAll(string path)
    {
        using var window = new ByteWindow(File.OpenRead(path));
        var records = new CsvRecords(window, ',');
        var questions = new List<Question>();
        records.Next();
        while (records.Next())
            questions.Add(new Question(records[0], records[1]));
        return questions;
    }

    /// <summary>True when one of the words of a found synset is the one that was asked for.</summary>
    public bool IsAnsweredBy(PointAnswer point) =>
        WordsOf(point).Split(", ").Contains(Word, StringComparer.OrdinalIgnoreCase);

    /// <summary>The words of a found synset, separated by commas.</summary>
    public static string WordsOf(PointAnswer point) =>
        point.Payload is { ValueKind: JsonValueKind.Object } payload && payload.TryGetProperty("words", out var words)
            ? words.GetString() ?? ""
            : point.Id.ToString();
}
