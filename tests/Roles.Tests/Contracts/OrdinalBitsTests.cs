using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class OrdinalBitsTests
{
    [Fact]
    public void Ordinals_ComeBackSortedAndOnce()
    {
        int[] ordinals = [9, 0, 7, 8, 9, 63, Limits.OperationPointsMax - 1];
        var bits = OrdinalBits.From(ordinals);
        Assert.Equal(ordinals.Distinct().Order(), OrdinalBits.Ordinals(bits));
        Assert.Equal(6, OrdinalBits.Count(bits));
        Assert.Equal(128 * 1024, bits.Length);
    }

    [Fact]
    public void WhatIsOutOfRange_IsLeftOut() => Assert.Empty(OrdinalBits.From([-1, Limits.OperationPointsMax, int.MaxValue]));

    [Fact]
    public void UnionAndExcept_TakeSetsOfAnyLength()
    {
        var (few, many) = (OrdinalBits.From([1, 5]), OrdinalBits.From([5, 900]));
        Assert.Equal([1, 5, 900], OrdinalBits.Ordinals(OrdinalBits.Union(few, many)));
        Assert.Equal([1, 5, 900], OrdinalBits.Ordinals(OrdinalBits.Union(many, few)));
        Assert.Equal([1], OrdinalBits.Ordinals(OrdinalBits.Except(few, many)));
        Assert.Equal([900], OrdinalBits.Ordinals(OrdinalBits.Except(many, few)));
        Assert.Equal([1, 5], OrdinalBits.Ordinals(few));
    }
}
