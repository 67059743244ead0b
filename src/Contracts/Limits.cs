namespace VectorDb.Contracts;

/// <summary>Every limit that a user can meet. The API refuses beyond them before a message exists.</summary>
public static class Limits
{
    public const int DimensionsMax = 65_536;

    public const int TopKMax = 10_000;

    /// <summary>UTF-8 bytes of a string id.</summary>
    public const int IdBytesMax = 512;

    /// <summary>UTF-8 bytes of a point's text. Models read its beginning only; the whole is stored.</summary>
    public const int TextBytesMax = 256 * 1024;

    /// <summary>UTF-8 bytes of a point's payload as compact JSON.</summary>
    public const int PayloadBytesMax = 256 * 1024;

    /// <summary>
    /// Levels of objects and lists in a payload. An answer puts up to five more around it, and most JSON readers take 64.
    /// </summary>
    public const int PayloadDepthMax = 50;

    /// <summary>Bytes of an HTTP request body.</summary>
    public const long BodyBytesMax = 64L * 1024 * 1024;

    public const int PointsPerRequestMax = 10_000;

    /// <summary>Points of one operation: 20 bits of its id, and 128 KiB where a shard says which of them it has.</summary>
    public const int OperationPointsMax = 1 << 20;

    /// <summary>
    /// How long the homes remember claims and the shards what became of operations; as `ClaimRetention` of the engine.
    /// </summary>
    public const int OperationsKeptDays = 7;

    public const int SearchesPerRequestMax = 1_000;

    /// <summary>Hits of one request, all its searches together: bounds the answer's size.</summary>
    public const int HitsPerRequestMax = 100_000;

    public const int EmbeddingInputsMax = 2_048;

    /// <summary>Points in one message: the size at which a message's fixed cost no longer shows (docs/architecture.md).</summary>
    public const int BatchRowsMax = 64;

    /// <summary>
    /// Bytes of the points in one message, before base64: with it a batch stays well under the 1 MiB that brokers like,
    /// except where a single point is larger.
    /// </summary>
    public const int BatchBytesMax = 512 * 1024;

    /// <summary>Searches in one message.</summary>
    public const int SearchBatchMax = 64;

    /// <summary>
    /// Vectors of a training sample that travels in a request: 4,096 x 384 floats are 8 MB as base64, half of what
    /// RabbitMQ 4 takes in one message. Larger samples are thinned evenly.
    /// </summary>
    public const int TrainingBytesMax = 6 * 1024 * 1024;

    public const int TrainingSampleMax = 4_096;

    public const int ShardsMax = 1_024;
}
