using System.Text;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.EndToEnd.Tests.Loading;

/// <summary>Reads rows from a text or bytes as the loader would from a file of that name.</summary>
public static class RowInput
{
    public static List<LoadedRow> Read(string text, string name = "rows.csv", RowFormatOptions? options = null) =>
        Read(Encoding.UTF8.GetBytes(text), name, options);

    public static List<LoadedRow> Read(byte[] bytes, string name = "rows.csv", RowFormatOptions? options = null)
    {
        using var reader = Open(bytes, name, options);
        return [.. reader.ReadRows()];
    }

    public static string Describe(string text, string name = "rows.csv", RowFormatOptions? options = null)
    {
        using var reader = Open(Encoding.UTF8.GetBytes(text), name, options);
        return reader.Description;
    }

    static IRowReader Open(byte[] bytes, string name, RowFormatOptions? options) =>
        RowReaders.Open(new MemoryStream(bytes), name, options ?? new RowFormatOptions());
}
