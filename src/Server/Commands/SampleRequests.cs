namespace VectorDb.Server.Commands;

/// <summary>The requests that are shown to people who start the server.</summary>
public static class SampleRequests
{
    public const string Store = """{"id":"note-1","text":"Bees dance to tell the others where flowers are"}""";
    public const string Search = """{"text":"how insects talk to each other","top_k":3,"shards_to_search":"all"}""";

    /// <summary>The lines to paste, one request each.</summary>
    public static IReadOnlyList<string> CurlLines(string address) =>
    [
        $"curl {address}/store -d '{Store}'",
        $"curl {address}/search -d '{Search}'",
        $"curl '{address}/get/note-1?with_vector=false'",
    ];
}
