using VectorDb.Architecture.Tests.Rules;
using Xunit;

namespace VectorDb.Architecture.Tests;

public sealed class SizeTests
{
    static readonly List<SourceFile> Shipped = Repository.Sources.Where(file => file.IsSource).ToList();

    [Fact]
    public void Files_AreShort() => Finding.AssertNone(Repository.Sources.SelectMany(Sizes.OfFile));

    [Fact]
    public void Lines_AreShort() => Finding.AssertNone(Repository.Sources.SelectMany(Sizes.OfLines));

    [Fact]
    public void Methods_AreShort() => Finding.AssertNone(Shipped.SelectMany(Sizes.OfMethods));

    [Fact]
    public void NineMethodsOfTen_AreShorterStill() => Finding.AssertNone(Sizes.OfNinetiethPercentile(Shipped));

    [Fact]
    public void Nesting_IsShallow() => Finding.AssertNone(Shipped.SelectMany(Sizes.OfNesting));

    [Fact]
    public void Parameters_AreFew() => Finding.AssertNone(Shipped.SelectMany(Sizes.OfParameters));

    [Fact]
    public void Consumers_AreThin() => Finding.AssertNone(Shipped.SelectMany(Sizes.OfConsumers));

    [Fact]
    public void Policies_AreShort() => Finding.AssertNone(Shipped.SelectMany(Sizes.OfDefinitions));

    [Fact]
    public void Services_DependOnLittle() => Finding.AssertNone(Services.Constructors(Shipped));

    [Theory]
    [InlineData("src/Engine/X.cs", Sizes.FileLines)]
    [InlineData("tests/Engine.Tests/X.cs", Sizes.FileLines)]
    [InlineData("src/Server/Program.cs", Sizes.ProgramLines)]
    public void FileOverTheLimit_IsFound(string path, int limit)
    {
        Assert.Empty(Sizes.OfFile(SourceFile.Parse(path, Repeat("//\n", limit))));
        Assert.Single(Sizes.OfFile(SourceFile.Parse(path, Repeat("//\n", limit + 1))));
    }

    [Fact]
    public void LineOverTheLimit_IsFoundWithItsNumber()
    {
        var line = new string('/', Sizes.LineLength);
        Assert.Empty(Sizes.OfLines(SourceFile.Parse("src/X.cs", line)));
        Assert.Equal(2, Assert.Single(Sizes.OfLines(SourceFile.Parse("src/X.cs", $"\n{line}/\n"))).Line);
    }

    [Theory]
    [InlineData("class A {{ void B() {{\n{0}}} }}")]
    [InlineData("class A {{ A() {{\n{0}}} }}")]
    [InlineData("class A {{ int B {{ get {{\n{0}return 1; }} }} }}")]
    [InlineData("class A {{ static A operator +(A a) {{\n{0}return a; }} }}")]
    [InlineData("class A {{ int[] B() => [\n{0}]; }}")]
    [InlineData("void Local() {{\n{0}}}")]
    public void MethodOverTheLimit_IsFound(string shape)
    {
        Assert.Empty(Sizes.OfMethods(Code(shape, Sizes.MethodLines - 2)));
        Assert.Single(Sizes.OfMethods(Code(shape, Sizes.MethodLines)));

        static SourceFile Code(string shape, int lines) =>
            SourceFile.Parse("src/X.cs", string.Format(null, shape, Repeat("//\n", lines)));
    }

    [Fact]
    public void TooManyLongMethods_AreFound()
    {
        var shortOnes = Repeat("void S() { }\n", 9);
        var longOne = $"void L() {{\n{Repeat("//\n", Sizes.MethodLinesAtP90)}}}\n";
        Assert.Empty(Sizes.OfNinetiethPercentile([Class(shortOnes + longOne)]));
        Assert.Single(Sizes.OfNinetiethPercentile([Class(shortOnes + longOne + longOne)]));

        static SourceFile Class(string members) => SourceFile.Parse("src/X.cs", $"class A {{ {members} }}");
    }

    [Theory]
    [InlineData("if (a) { for (;;) { foreach (var x in y) { while (b) { } } } }", 4)]
    [InlineData("if (a) { } else if (b) { } else if (c) { if (d) { } }", 2)]
    [InlineData("try { lock (a) { switch (b) { case 1: using (c) { do { } while (d); } break; } } } finally { }", 5)]
    [InlineData("Run(() => { if (a) { } }); void Inner() { if (a) { if (b) { if (c) { } } } }", 2)]
    public void Nesting_IsCounted(string body, int depth)
    {
        var file = SourceFile.Parse("src/X.cs", $"class A {{ void B() {{ {body} }} }}");
        Assert.Equal(depth, Methods.Nesting(Methods.Of(file).First().Node));
        Assert.Equal(depth > Sizes.Nesting, Sizes.OfNesting(file).Any());
    }

    [Theory]
    [InlineData("class A { void B(int a, int b, int c, int d, int e, int f) { } }", 0)]
    [InlineData("class A { void B(int a, int b, int c, int d, int e, int f, int g) { } }", 1)]
    [InlineData("class A(int a, int b, int c, int d, int e, int f, int g);", 1)]
    [InlineData("record A(int a, int b, int c, int d, int e, int f, int g, int h);", 0)]
    [InlineData("record struct A(int a, int b, int c, int d, int e, int f, int g, int h, int i);", 1)]
    [InlineData("delegate void A(int a, int b, int c, int d, int e, int f, int g);", 1)]
    public void ParametersOverTheLimit_AreFound(string code, int findings) =>
        Assert.Equal(findings, Sizes.OfParameters(SourceFile.Parse("src/X.cs", code)).Count());

    [Fact]
    public void ConsumerOverTheLimit_IsFound()
    {
        var code = $"sealed class SaveConsumer : IConsumer<Save> {{\n{Repeat("//\n", Sizes.ConsumerLines)}}}";
        Assert.Single(Sizes.OfConsumers(SourceFile.Parse("src/X.cs", code)));
        Assert.Empty(Sizes.OfConsumers(SourceFile.Parse("src/X.cs", code.Replace("IConsumer", "IOther"))));
    }

    [Theory]
    [InlineData("class SaveConsumerDefinition : ConsumerDefinition<SaveConsumer>", 1)]
    [InlineData("static class EndpointPolicy", 1)]
    [InlineData("class Other", 0)]
    public void PolicyOverTheLimit_IsFound(string type, int findings)
    {
        var code = $"{type} {{ void B() {{\n{Repeat("//\n", Sizes.PolicyLines)}}} }}";
        Assert.Equal(findings, Sizes.OfDefinitions(SourceFile.Parse("src/X.cs", code)).Count());
    }

    [Theory]
    [InlineData("services.AddSingleton<A>();", 1)]
    [InlineData("services.TryAddScoped<IA, A>();", 1)]
    [InlineData("services.AddHostedService<VectorDb.Engine.A>();", 1)]
    [InlineData("services.AddSingleton(sp => new A(1, 2, 3, 4, 5, 6));", 1)]
    [InlineData("services.AddSingleton<B>();", 0)]
    public void ServiceWithTooManyDependencies_IsFound(string registration, int findings)
    {
        var service = SourceFile.Parse("src/A.cs", "class A(int a, int b, int c, int d, int e, int f);");
        Assert.Equal(findings, Services.Constructors([service, SourceFile.Parse("src/B.cs", registration)]).Count());
    }

    [Fact]
    public void HostedServiceWithTooManyDependencies_IsFoundUnregistered() =>
        Assert.Single(Services.Constructors([SourceFile.Parse(
            "src/A.cs", "class A : BackgroundService { A(int a, int b, int c, int d, int e, int f) { } }")]));

    static string Repeat(string line, int count) => string.Concat(Enumerable.Repeat(line, count));
}
