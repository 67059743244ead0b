using System.Text;

namespace VectorDb.Embedding.Tokenization;

/// <summary>
/// The word being read: at most <see cref="LengthMax"/> characters are kept, so that a word of megabytes costs no memory.
/// </summary>
internal ref struct WordBuffer(Span<char> characters)
{
    /// <summary>A longer word is unknown; counted in characters, of which each takes one or two UTF-16 units.</summary>
    public const int LengthMax = 100;

    /// <summary>Units that the span given has to have room for.</summary>
    public const int Capacity = LengthMax * 2;

    readonly Span<char> _characters = characters;
    int _unitCount;
    int _length;
    bool _hasMark;

    public readonly bool IsEmpty => _length == 0;

    public readonly bool IsTooLong => _length > LengthMax;

    /// <summary>The word in canonical order; not to be asked for when it is too long.</summary>
    public readonly ReadOnlySpan<char> Word => _hasMark
        ? _characters[.._unitCount].ToString().Normalize(NormalizationForm.FormD)
        : _characters[.._unitCount];

    public void Append(int codePoint)
    {
        if (_length >= LengthMax)
        {
            _length = LengthMax + 1;
            return;
        }

        _length++;
        if (codePoint < 0x10000)
            _characters[_unitCount++] = (char)codePoint;
        else
            _unitCount += new Rune(codePoint).EncodeToUtf16(_characters[_unitCount..]);
    }

    /// <summary>Appends a mark, after which the word has to be put into canonical order.</summary>
    public void AppendMark(int codePoint)
    {
        Append(codePoint);
        _hasMark = true;
    }

    public void Clear() => (_unitCount, _length, _hasMark) = (0, 0, false);
}
