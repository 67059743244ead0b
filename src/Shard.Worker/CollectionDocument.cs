using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker;

/// <summary>
/// The state of a collection as the keeper shard keeps it: a JSON document of the shard's file, changed in the same transactions
/// as its rows.
/// </summary>
static class CollectionDocument
{
    public static CollectionState? Read(Shard keeper, string name) =>
        Parse(keeper.GetDocument(NameOf(name)));

    public static CollectionState? Read(ShardInspection keeper, string name) => Parse(keeper.Document(NameOf(name)));

    public static void Write(ShardTransaction transaction, CollectionState state) =>
        transaction.PutDocument(NameOf(state.Shape.Name), JsonSerializer.SerializeToUtf8Bytes(state));

    static CollectionState? Parse(byte[]? bytes) => bytes is null ? null : JsonSerializer.Deserialize<CollectionState>(bytes);

    static string NameOf(string collection) => $"collection/{collection}";
}
