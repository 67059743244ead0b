namespace VectorDb.Engine.Kernels;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a small generator whose sequence is part of our file format, which the
/// runtime's Random does not promise. Not for secrets, not thread-safe.
/// </summary>
public struct SplitMix(ulong seed)
{
    ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
