namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// Which columns of a CSV with a header make the id, the text or vector, and the payload; -1 is none.
/// </summary>
public sealed record Columns
{
    /// <summary>Names under which texts are usually found, best first.</summary>
    static readonly string[] TextNames =
        ["text", "content", "body", "description", "gloss", "definition", "abstract", "summary", "sentence", "question"];

    static readonly string[] VectorNames = ["vector", "embedding"];

    public required IReadOnlyList<string> Header { get; init; }

    public required int Id { get; init; }

    /// <summary>Joined by a space; embedded when there is no vector, kept with the point in either case.</summary>
    public required IReadOnlyList<int> Text { get; init; }

    public required int Vector { get; init; }

    public required IReadOnlyList<int> Payload { get; init; }

    /// <summary>
    /// Takes what the user named, and for the rest the usual names, or the longest column for the text.
    /// </summary>
    /// <param name="header">Names of the columns.</param>
    /// <param name="samples">The first data rows, to see which column is the longest; may be empty.</param>
    /// <param name="options">What the user named.</param>
    /// <exception cref="CommandFailure">A column that does not exist, or two of one name.</exception>
    public static Columns Choose(IReadOnlyList<string> header, IReadOnlyList<string[]> samples, RowFormatOptions options)
    {
        var twice = header.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new CommandFailure($"The header names the column '{Shortened(twice.Key)}' twice: rename one of them.");
        var id = options.IdColumn is { } idName ? Find(header, idName) : IndexOf(header, "id");
        int[] text = [.. options.TextColumns.Select(name => Find(header, name))];
        var vector = options.VectorColumn is { } vectorName ? Find(header, vectorName)
            : text.Length > 0 ? -1 : FirstOf(header, VectorNames);
        var usualText = FirstOf(header, TextNames);
        if (text.Length == 0 && (vector < 0 || usualText >= 0))
            text = [usualText >= 0 ? usualText : FindLongest(header, samples, id)];
        return new Columns
        {
            Header = header,
            Id = id,
            Text = text,
            Vector = vector,
            Payload = ChoosePayload(header, options.PayloadColumns, [id, vector, .. text]),
        };
    }

    /// <summary>The choice in words.</summary>
    public string Describe()
    {
        var vector = Vector >= 0 ? $"vector is '{Header[Vector]}', " : "";
        var text = Text.Count > 0 ? $"text is {Quoted(Text)}, " : "";
        var payload = Payload.Count == 0 ? "no payload" : $"payload is {Quoted(Payload)}";
        return $"{vector}{text}id is {(Id < 0 ? "the row number" : $"'{Header[Id]}'")}, {payload}";
    }

    /// <summary>"1 column", "3 columns".</summary>
    public static string Counted(int count) => count == 1 ? "1 column" : $"{count} columns";

    /// <summary>The text, or its begin when it is too long for a message.</summary>
    public static string Shortened(string text) => text.Length <= 40 ? text : $"{text[..40]}…";

    string Quoted(IReadOnlyList<int> columns) => string.Join(" + ", columns.Select(column => $"'{Header[column]}'"));

    static int FindLongest(IReadOnlyList<string> header, IReadOnlyList<string[]> samples, int id) =>
        Enumerable.Range(0, header.Count).Where(column => column != id)
            .OrderByDescending(column => samples.Sum(row => (long)row[column].Length))
            .Append(id).First();

    static int[] ChoosePayload(IReadOnlyList<string> header, string? wanted, int[] used) => wanted switch
    {
        "none" => [],
        "all" => [.. Enumerable.Range(0, header.Count)],
        null => [.. Enumerable.Range(0, header.Count).Except(used).Where(column => !IsVectorName(header[column]))],
        _ => [.. wanted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => Find(header, name))],
    };

    static bool IsVectorName(string name) => VectorNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    static int FirstOf(IReadOnlyList<string> header, string[] names) =>
        names.Select(name => IndexOf(header, name)).FirstOrDefault(index => index >= 0, -1);

    static int Find(IReadOnlyList<string> header, string name)
    {
        var index = IndexOf(header, name);
        return index >= 0 ? index : throw new CommandFailure(
            $"The file has no column '{name}'. Its columns are: {string.Join(", ", header.Select(Shortened))}.");
    }

    static int IndexOf(IReadOnlyList<string> header, string name)
    {
        for (var index = 0; index < header.Count; index++)
        {
            if (string.Equals(header[index].Trim(), name, StringComparison.OrdinalIgnoreCase))
                return index;
        }

        return -1;
    }
}
