using System.Text;
using CsCheck;
using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class PointBatchesTests
{
    static readonly Gen<(int Kind, int Size)[]> Sizes = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 90_000]).Array[0, 300];

    [Fact]
    public void Batches_KeepOrderAndLimits() => Sizes.Sample(sizes =>
    {
        var points = sizes.Select(size => PointOf(size.Kind, size.Size)).ToList();
        var batches = PointBatches.Cut(points).ToList();
        Assert.True(points.SequenceEqual(batches.SelectMany(batch => batch), ReferenceEqualityComparer.Instance), "another order");
        foreach (var batch in batches)
        {
            Assert.InRange(batch.Count, 1, 64);
            Assert.True(batch.Count == 1 || batch.Sum(Bytes) <= 512 * 1024, $"{batch.Count} points, {batch.Sum(Bytes)} bytes");
        }
        for (var i = 1; i < batches.Count; i++)
            Assert.True(batches[i - 1].Count == 64 || batches[i - 1].Sum(Bytes) + Bytes(batches[i][0]) > 512 * 1024,
                $"batch {i - 1} ends early");
    }, iter: 50);

    [Fact]
    public void PointLargerThanABatch_TravelsAlone()
    {
        var points = new[] { 1, 600_000, 1 }.Select(size => new StorePoint { Ordinal = 0, Id = Wire.Id(1), Vector = new byte[size] });
        Assert.Equal([1, 1, 1], PointBatches.Cut([.. points]).Select(batch => batch.Count));
    }

    [Fact]
    public void NoPoints_NoBatches() => Assert.Empty(PointBatches.Cut([]));

    static StorePoint PointOf(int kind, int size) => new()
    {
        Ordinal = 0,
        Id = Wire.Id(1),
        Vector = kind == 0 ? new byte[size] : null,
        Text = kind == 1 ? new string('a', size) : kind == 2 ? new string('語', size) : null,
        Payload = kind == 3 ? new string('p', size) : null,
    };

    static int Bytes(StorePoint point) => point.Id.Length + (point.Vector?.Length ?? 0)
        + Encoding.UTF8.GetByteCount(point.Text ?? "") + Encoding.UTF8.GetByteCount(point.Payload ?? "");
}
