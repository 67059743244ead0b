using System.Collections.Concurrent;
using Microsoft.ML.Tokenizers;

namespace VectorDb.Embedding.Tokenization;

/// <summary>
/// Cuts a normalised word into pieces of the vocabulary, longest match first (WordPiece, by the package), and remembers
/// the words it has seen: text repeats words, and a look-up costs a tenth of a search.
/// </summary>
/// <remarks>Safe for concurrent use: the package's tokenizer keeps no state between calls.</remarks>
internal sealed class WordPieces
{
    /// <summary>About 10 MB when full; English news of any length has some 100,000 distinct words, most of them rare.</summary>
    const int RememberedMax = 65_536;

    /// <summary>Longer words are mostly addresses and junk that never come back.</summary>
    const int RememberedLengthMax = 32;

    readonly WordPieceTokenizer _tokenizer;
    readonly ConcurrentDictionary<string, int[]> _pieces = new();
    readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _piecesBySpan;
    int _rememberedCount;

    public WordPieces(Stream vocabulary, string unknownToken)
    {
        _tokenizer = WordPieceTokenizer.Create(vocabulary, new WordPieceOptions
        {
            UnknownToken = unknownToken,
            // The package counts UTF-16 units, the reference characters: the limit is WordBuffer's.
            MaxInputCharsPerWord = WordBuffer.Capacity,
        });
        UnknownId = _tokenizer.UnknownTokenId;
        _piecesBySpan = _pieces.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int UnknownId { get; }

    /// <summary>Ids of the word's pieces, or <see cref="UnknownId"/> alone if the vocabulary cannot spell it.</summary>
    public ReadOnlySpan<int> Split(ReadOnlySpan<char> word)
    {
        if (_piecesBySpan.TryGetValue(word, out var known))
            return known;
        int[] pieces = [.. _tokenizer.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false)];
        if (word.Length <= RememberedLengthMax)
            Remember(word.ToString(), pieces);
        return pieces;
    }

    void Remember(string word, int[] pieces)
    {
        if (Interlocked.Increment(ref _rememberedCount) > RememberedMax)
        {
            _pieces.Clear();
            Interlocked.Exchange(ref _rememberedCount, 1);
        }

        _pieces.TryAdd(word, pieces);
    }
}
