namespace VectorDb.IngestWorker.Loading;

/// <summary>The formats that can be loaded.</summary>
public enum RowFormat
{
    /// <summary>The AG News CSV as published: no header; class 1-4, title, description.</summary>
    AgNews,

    /// <summary>CSV whose first record names the columns.</summary>
    Csv,

    /// <summary>One JSON object a line.</summary>
    JsonLines,
}

/// <summary>What the user said about the input; null or empty means: find out.</summary>
public sealed record RowFormatOptions
{
    public RowFormat? Format { get; init; }

    /// <summary>Column or property of the id; without one the row number is the id.</summary>
    public string? IdColumn { get; init; }

    /// <summary>Columns or properties that make the text, joined by a space.</summary>
    public IReadOnlyList<string> TextColumns { get; init; } = [];

    public string? VectorColumn { get; init; }

    /// <summary>"none", "all", or names separated by commas.</summary>
    public string? PayloadColumns { get; init; }

    /// <summary>Between the fields of CSV; ASCII.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Ids of CSV stay strings even when they are digits.</summary>
    public bool StringIds { get; init; }
}
