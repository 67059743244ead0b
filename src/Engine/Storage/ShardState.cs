using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Storage;

/// <summary>What a transaction starts from.</summary>
/// <param name="Index">The shard's index; null before the schema is defined.</param>
/// <param name="Counters">As the last transaction left them.</param>
/// <param name="NowMs">Milliseconds since 1970, UTC.</param>
/// <param name="GraphOptions">Of an index that the transaction may make.</param>
/// <param name="IsPlan">Its changes are recorded and then undone.</param>
internal readonly record struct ShardState(
    ShardIndex? Index, Counters Counters, long NowMs, GraphOptions GraphOptions, bool IsPlan = false);
