namespace VectorDb.Embedding;

/// <summary>Turns texts into vectors of one model. It is not a store: it keeps neither texts nor ids.</summary>
/// <remarks>Every member is safe for concurrent use; <see cref="IDisposable.Dispose"/> waits for the calls under way.</remarks>
public interface IEmbedder : IDisposable
{
    /// <summary>The model whose vectors this gives; vectors of different descriptions must never be mixed.</summary>
    ModelDescription Model { get; }

    /// <summary>
    /// Embeds texts in any number; they are sorted by length and cut into batches inside. The same text gives the same
    /// vector to the last bit, whatever stands beside it.
    /// </summary>
    /// <param name="texts">Any strings, empty ones and lone surrogates included; none may be null. What exceeds
    /// <see cref="ModelDescription.MaxTokens"/> is cut off, and is not paid for.</param>
    /// <param name="cancellationToken">Looked at between batches: at most about 0.3 s late on one core.</param>
    /// <returns>One result a text, in the order given.</returns>
    /// <exception cref="ArgumentException">A text is null; the message gives its position.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is returned.</exception>
    /// <exception cref="ObjectDisposedException">The embedder has been disposed of.</exception>
    IReadOnlyList<EmbeddedText> Embed(IReadOnlyList<string> texts, CancellationToken cancellationToken = default);
}

/// <summary>What a collection records about the model that made its vectors.</summary>
/// <param name="Name">Such as <c>all-MiniLM-L6-v2</c>.</param>
/// <param name="Dimensions">Numbers in a vector.</param>
/// <param name="MaxTokens">Tokens that the model reads at most, the two special ones included.</param>
/// <param name="Checksum">SHA-256 of <c>model.onnx</c>, 64 lower-case hexadecimal digits.</param>
public sealed record ModelDescription(string Name, int Dimensions, int MaxTokens, string Checksum);

/// <summary>A text's vector.</summary>
/// <param name="Vector">float32, length <see cref="ModelDescription.Dimensions"/>, L2 norm 1; the caller may keep and change it.</param>
/// <param name="TokenCount">Tokens that the model read: after cutting, the two special ones included.</param>
public readonly record struct EmbeddedText(float[] Vector, int TokenCount);
