namespace VectorDb.Embedding;

/// <summary>How much of the machine an embedder takes.</summary>
public sealed record EmbedderOptions
{
    /// <summary>Batches computed at the same time, each on one core; at least 1, by default the number of cores.</summary>
    public int ParallelBatches { get; init; } = Environment.ProcessorCount;

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    internal void Validate() => ArgumentOutOfRangeException.ThrowIfLessThan(ParallelBatches, 1, nameof(ParallelBatches));
}
