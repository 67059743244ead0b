using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class VectorChecksTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void NumberThatIsNotFinite_IsNamedByItsPlace(float number) =>
        Assert.Contains("vector[1]", VectorChecks.Problem([1, number, float.NaN]));

    [Fact]
    public void Sizes_HaveLimits()
    {
        Assert.Contains("at least one", VectorChecks.Problem([]));
        Assert.Null(VectorChecks.Problem(new float[65_536]));
        Assert.Contains("65537", VectorChecks.Problem(new float[65_537]));
    }

    [Fact]
    public void WrongSize_NamesBothSizes()
    {
        var problem = VectorChecks.Problem([1, 2], Wire.Shape);
        Assert.Contains("2 numbers", problem);
        Assert.Contains("vectors of 3", problem);
    }

    [Theory]
    [InlineData("Cosine", false)]
    [InlineData("Dot", true)]
    [InlineData("Euclid", true)]
    public void Zeros_HaveNoDirectionForCosineOnly(string metric, bool isFine) =>
        Assert.Equal(isFine, VectorChecks.Problem([0, -0f, 0], Wire.Shape with { Metric = metric }) is null);

    [Fact]
    public void TextFromAnotherModel_IsRefusedWithBothModels()
    {
        var shape = new CollectionShape { Dimensions = 3, Model = "first", ModelChecksum = new string('a', 64) };
        Assert.Null(VectorChecks.TextProblem(shape, "first", new string('a', 64), 3));
        var problem = VectorChecks.TextProblem(shape, "second", new string('b', 64), 3);
        Assert.Contains("first", problem);
        Assert.Contains("second", problem);
        Assert.Contains("5 numbers", VectorChecks.TextProblem(shape, "second", new string('b', 64), 5));
        Assert.Null(VectorChecks.TextProblem(Wire.Shape, "second", new string('b', 64), 3));
    }
}
