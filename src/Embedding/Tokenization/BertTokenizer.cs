using System.Text;

namespace VectorDb.Embedding.Tokenization;

/// <summary>
/// Token ids of a text, equal to those of the reference (the fast BERT tokenizer of huggingface/tokenizers, as
/// sentence-transformers configures it for the two known models). It is not a general tokenizer: only uncased WordPiece.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Reads a text only as far as the model does, so the cost of a huge text is bounded by its first
/// <see cref="MaxTokens"/> tokens; only a stretch that gives no token at all (white space, one endless word) is read to its end.
/// </remarks>
public sealed class BertTokenizer
{
    readonly CharacterMap _characters = new();
    readonly WordPieces _pieces;
    readonly KeyValuePair<string, int>[] _specialTokens;
    readonly int _firstId;
    readonly int _lastId;

    BertTokenizer(KnownModel model, byte[] vocabulary)
    {
        var ids = ReadIds(vocabulary);
        _pieces = new(new MemoryStream(vocabulary), model.UnknownToken);
        _specialTokens = [.. model.SpecialTokens.Select(token => KeyValuePair.Create(token, ids[token]))];
        _firstId = ids[model.FirstToken];
        _lastId = ids[model.LastToken];
        PaddingId = ids[model.PaddingToken];
        MaxTokens = model.MaxTokens;
    }

    /// <summary>Ids that <see cref="Encode"/> gives at most, the two special ones included.</summary>
    public int MaxTokens { get; }

    /// <summary>The id that fills up the shorter rows of a batch.</summary>
    public int PaddingId { get; }

    /// <exception cref="PlatformNotSupportedException">The process runs without ICU, so accents could not be taken off.</exception>
    public static BertTokenizer Load(ModelFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        RequireUnicodeNormalization();
        return new(folder.Known, File.ReadAllBytes(folder.VocabularyPath));
    }

    /// <summary>Token ids with the special tokens around them, 2 to <see cref="MaxTokens"/>.</summary>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new TokenIds(stackalloc int[MaxTokens]);
        ids.Add(_firstId);
        var word = new WordBuffer(stackalloc char[WordBuffer.Capacity]);
        for (var i = 0; i < text.Length && !ids.IsFull;)
        {
            if (text[i] is '[' or '<' && TrySpecial(text.AsSpan(i), out var special))
            {
                Flush(ref word, ref ids);
                ids.Add(special.Value);
                i += special.Key.Length;
            }
            else
            {
                i += Next(text, i, out var codePoint);
                Read(codePoint, ref word, ref ids);
            }
        }

        Flush(ref word, ref ids);
        return ids.Close(_lastId);
    }

    /// <summary>The character at a position, U+FFFD for half a surrogate pair, and how many units it takes.</summary>
    static int Next(string text, int position, out int codePoint)
    {
        codePoint = text[position];
        if (!char.IsSurrogate((char)codePoint))
            return 1;
        Rune.DecodeFromUtf16(text.AsSpan(position), out var rune, out var units);
        codePoint = rune.Value;
        return units;
    }

    void Read(int codePoint, ref WordBuffer word, ref TokenIds ids)
    {
        var kind = _characters.Kind(codePoint);
        if (kind != CharacterKind.Replace)
        {
            Take(codePoint, kind, ref word, ref ids);
            return;
        }

        foreach (var rune in _characters.Replacement(codePoint).EnumerateRunes())
            Take(rune.Value, _characters.Kind(rune.Value), ref word, ref ids);
    }

    void Take(int codePoint, CharacterKind kind, ref WordBuffer word, ref TokenIds ids)
    {
        switch (kind)
        {
            case CharacterKind.Drop:
                break;
            case CharacterKind.Space:
                Flush(ref word, ref ids);
                break;
            case CharacterKind.Alone:
                Flush(ref word, ref ids);
                word.Append(codePoint);
                Flush(ref word, ref ids);
                break;
            case CharacterKind.Upper:
                word.Append(codePoint | 0x20);
                break;
            case CharacterKind.Mark:
                word.AppendMark(codePoint);
                break;
            default:
                word.Append(codePoint);
                break;
        }
    }

    void Flush(ref WordBuffer word, ref TokenIds ids)
    {
        if (word.IsEmpty)
            return;
        if (word.IsTooLong)
            ids.Add(_pieces.UnknownId);
        else
            ids.Add(_pieces.Split(word.Word));
        word.Clear();
    }

    bool TrySpecial(ReadOnlySpan<char> text, out KeyValuePair<string, int> special)
    {
        foreach (var candidate in _specialTokens)
        {
            if (text.StartsWith(candidate.Key, StringComparison.Ordinal))
            {
                special = candidate;
                return true;
            }
        }

        special = default;
        return false;
    }

    static Dictionary<string, int> ReadIds(byte[] vocabulary)
    {
        var ids = new Dictionary<string, int>();
        using var lines = new StreamReader(new MemoryStream(vocabulary), Encoding.UTF8);
        for (var id = 0; lines.ReadLine() is { } token; id++)
            ids.TryAdd(token, id);
        return ids;
    }

    static void RequireUnicodeNormalization()
    {
        if ("\u00E9".Normalize(NormalizationForm.FormD) != "e\u0301")
        {
            throw new PlatformNotSupportedException(
                "Unicode normalization is switched off, so texts with accents would get other tokens than the model knows. " +
                "Install ICU (Debian and Ubuntu: apt-get install libicu-dev; Alpine: apk add icu-libs icu-data-full) and unset " +
                "InvariantGlobalization and DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.");
        }
    }

    /// <summary>Ids up to a maximum, with room kept for the last one.</summary>
    ref struct TokenIds(Span<int> ids)
    {
        readonly Span<int> _ids = ids;
        int _count;

        public readonly bool IsFull => _count >= _ids.Length - 1;

        public void Add(int id)
        {
            if (!IsFull)
                _ids[_count++] = id;
        }

        public void Add(ReadOnlySpan<int> ids)
        {
            var room = Math.Min(ids.Length, _ids.Length - 1 - _count);
            ids[..room].CopyTo(_ids[_count..]);
            _count += room;
        }

        public int[] Close(int lastId)
        {
            _ids[_count++] = lastId;
            return _ids[.._count].ToArray();
        }
    }
}
