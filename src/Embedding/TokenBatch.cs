namespace VectorDb.Embedding;

/// <summary>
/// Texts that go through the model together: their rows, filled up to one length. It does not hold the ids, only which
/// texts of a call it covers.
/// </summary>
/// <param name="Texts">Positions of the texts in the call.</param>
/// <param name="Length">Tokens in each row.</param>
public readonly record struct TokenBatch(ReadOnlyMemory<int> Texts, int Length)
{
    /// <summary>
    /// Padded tokens in a batch at most, unless one text alone has more. Throughput is flat from 512 on (measured,
    /// <c>docs/embedding.md</c>), and a batch of this size takes a core about a quarter of a second with the small model.
    /// </summary>
    public const int TokensMax = 1_024;

    /// <summary>Rows are filled up to a multiple of this; measured in <c>docs/embedding.md</c>.</summary>
    public const int LengthStep = 4;

    public int PaddedTokens => Texts.Length * Length;

    /// <summary>
    /// Sorts texts by length and cuts batches whose rows all have one length. That length depends on the text alone and
    /// not on its neighbours, so that padding cannot change the last bits of a vector from one call to the next.
    /// </summary>
    /// <param name="lengths">Tokens of each text.</param>
    /// <param name="step">Rows are filled up to a multiple of this, at least 1.</param>
    /// <param name="lengthMax">What the model reads at most; a row is never longer.</param>
    /// <returns>Every position once; the most expensive batches first, so that parallel workers finish together.</returns>
    public static IReadOnlyList<TokenBatch> Plan(ReadOnlySpan<int> lengths, int lengthMax, int step = LengthStep)
    {
        var positions = new int[lengths.Length];
        var rowLengths = new int[lengths.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            positions[i] = i;
            rowLengths[i] = Math.Min((lengths[i] + step - 1) / step * step, Math.Max(lengthMax, lengths[i]));
        }

        Array.Sort(rowLengths, positions);
        var batches = new List<TokenBatch>();
        for (int start = 0, end; start < positions.Length; start = end)
        {
            var length = rowLengths[start];
            var rowsMax = Math.Max(1, TokensMax / length);
            for (end = start + 1; end < positions.Length && end - start < rowsMax && rowLengths[end] == length; end++)
            {
            }

            batches.Add(new(positions.AsMemory(start, end - start), length));
        }

        batches.Sort((left, right) => right.PaddedTokens.CompareTo(left.PaddedTokens));
        return batches;
    }
}
