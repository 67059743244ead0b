using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class OperationIdTests
{
    static readonly DateTimeOffset Moment = new(2026, 11, 25, 13, 4, 5, 678, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(10_000)]
    [InlineData(Limits.OperationPointsMax)]
    public void Id_TellsItsPointsAndItsTime(int points)
    {
        var id = OperationId.New(points, Moment);
        Assert.True(OperationId.TryRead(id, out var read, out var accepted));
        Assert.Equal((points, Moment), (read, accepted));
        Assert.True(OperationId.IsRecorded(id));
        Assert.Equal(8, id.Version);
    }

    [Fact]
    public void Ids_OfOneMomentDifferAndLaterOnesSortBehind()
    {
        var ids = Enumerable.Range(0, 1_000).Select(_ => OperationId.New(1, Moment)).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.True(string.CompareOrdinal($"{id}", $"{OperationId.New(1, Moment.AddMilliseconds(1))}") < 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Limits.OperationPointsMax + 1)]
    public void PointsOutOfRange_AreRefused(int points) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => OperationId.New(points, Moment));

    [Fact]
    public void OtherIds_AreNotTakenForOne()
    {
        Assert.False(OperationId.IsRecorded(Guid.Empty));
        Assert.False(OperationId.IsRecorded(Guid.AllBitsSet));
        Assert.False(OperationId.IsRecorded(MassTransit.NewId.NextGuid()));
        Assert.False(OperationId.IsRecorded(Guid.NewGuid()));
        Assert.False(OperationId.IsRecorded(Guid.CreateVersion7(Moment)));
    }

    /// <summary>Of 12 check bits one in 4,096 mistyped ids passes; of 360 that is one in eleven runs, so a few are allowed.</summary>
    [Fact]
    public void MistypedId_IsNotTakenForOne()
    {
        var id = OperationId.New(77, Moment).ToString("N");
        var passing = 0;
        for (var at = 0; at < id.Length; at++)
            foreach (var digit in "0123456789abcdef".Where(digit => digit != id[at]))
                if (OperationId.IsRecorded(Guid.ParseExact($"{id[..at]}{digit}{id[(at + 1)..]}", "N")))
                    passing++;
        Assert.True(passing <= 5, $"{passing} mistyped forms of {id} pass.");
    }
}
