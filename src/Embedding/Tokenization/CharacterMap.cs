using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace VectorDb.Embedding.Tokenization;

/// <summary>What becomes of a character on its way to a word.</summary>
internal enum CharacterKind : byte
{
    /// <summary>Not looked up yet.</summary>
    Unknown,

    /// <summary>Stays as it is.</summary>
    Keep,

    /// <summary>An ASCII capital: becomes the small letter, without a look-up.</summary>
    Upper,

    /// <summary>Becomes <see cref="CharacterMap.Replacement"/>: decomposed, without accents, in lower case.</summary>
    Replace,

    /// <summary>A mark that takes room: stays, but canonical ordering may move it among its like.</summary>
    Mark,

    /// <summary>Left out; the characters beside it meet.</summary>
    Drop,

    /// <summary>Ends a word.</summary>
    Space,

    /// <summary>A word of its own: punctuation or an ideograph.</summary>
    Alone,
}

/// <summary>
/// The normaliser of BERT's uncased models, one character at a time: cleaning, spaces around ideographs, NFD without
/// accents, lower case (the reference is <c>BertNormalizer</c> and <c>BertPreTokenizer</c> of huggingface/tokenizers).
/// Kinds are looked up when a character is first met and then kept. It does not build words: <see cref="BertTokenizer"/> does.
/// </summary>
/// <remarks>Safe for concurrent use: two threads that meet a character at once write the same answer.</remarks>
internal sealed class CharacterMap
{
    readonly CharacterKind[] _basicKinds = new CharacterKind[0x10000];
    readonly ConcurrentDictionary<int, string> _replacements = new();

    public CharacterKind Kind(int codePoint)
    {
        if (codePoint >= _basicKinds.Length)
            return Classify(codePoint);
        var kind = _basicKinds[codePoint];
        return kind != CharacterKind.Unknown ? kind : _basicKinds[codePoint] = Classify(codePoint);
    }

    /// <summary>What a character of kind <see cref="CharacterKind.Replace"/> becomes: characters of the other kinds, or none.</summary>
    public string Replacement(int codePoint) => _replacements.GetOrAdd(codePoint, Fold);

    static CharacterKind Classify(int codePoint)
    {
        if (codePoint < 0x80)
            return ClassifyAscii((char)codePoint);
        if (codePoint is >= 0xD800 and <= 0xDFFF or 0xFFFD || UnicodeEight.IsControl(codePoint))
            return CharacterKind.Drop;
        if (IsWhiteSpace(codePoint))
            return CharacterKind.Space;
        var folded = Fold(codePoint);
        if (folded.Length == 0)
            return CharacterKind.Drop;
        if (folded != char.ConvertFromUtf32(codePoint))
            return CharacterKind.Replace;
        if (IsIdeograph(codePoint) || UnicodeEight.IsPunctuation(codePoint))
            return CharacterKind.Alone;
        return IsMark(codePoint) ? CharacterKind.Mark : CharacterKind.Keep;
    }

    static CharacterKind ClassifyAscii(char character) => character switch
    {
        ' ' or '\t' or '\n' or '\r' => CharacterKind.Space,
        < ' ' or '\x7F' => CharacterKind.Drop,
        >= 'A' and <= 'Z' => CharacterKind.Upper,
        _ => char.IsAsciiLetterOrDigit(character) ? CharacterKind.Keep : CharacterKind.Alone,
    };

    /// <summary>NFD, then without accents, then in lower case, one character to one, so that there is no final sigma.</summary>
    static string Fold(int codePoint)
    {
        var folded = new StringBuilder();
        foreach (var rune in Decompose(codePoint).EnumerateRunes())
        {
            if (!UnicodeEight.IsNonspacingMark(rune.Value))
                folded.Append(Rune.ToLowerInvariant(rune));
        }

        return folded.ToString();
    }

    /// <summary>The runtime refuses to normalise U+FFFE, so its like U+FFFF stands in: no vocabulary spells either.</summary>
    static string Decompose(int codePoint) =>
        codePoint == 0xFFFE ? "\uFFFF" : char.ConvertFromUtf32(codePoint).Normalize(NormalizationForm.FormD);

    /// <summary>Unicode's White_Space beyond ASCII; U+0085 is not here because it is a control and dropped before.</summary>
    static bool IsWhiteSpace(int codePoint) => codePoint is 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200A)
        or 0x2028 or 0x2029 or 0x202F or 0x205F or 0x3000;

    /// <summary>
    /// The eight ranges of <c>_is_chinese_char</c> in BERT's tokenizer, except that one starts at 2B920 as in the reference
    /// (BERT's own at 2B820); kana and Hangul are not among them.
    /// </summary>
    static bool IsIdeograph(int codePoint) => codePoint is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    static bool IsMark(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint)
        is UnicodeCategory.SpacingCombiningMark or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
}
