using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Commands;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

/// <summary>What the program says to a wrong call. One at a time, because it writes to the console.</summary>
[Collection(nameof(CommandLineTests))]
[CollectionDefinition(nameof(CommandLineTests), DisableParallelization = true)]
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("lod", "'lod'")]
    [InlineData("load", "load --help")]
    [InlineData("load|x|--limit|0", "--limit is 0")]
    [InlineData("load|x|--limit|many", "many")]
    [InlineData("load|x|--delimiter|ab", "--delimiter is one ASCII character")]
    [InlineData("load|x|--format|xml", "xml")]
    [InlineData("load|x|--train|some", "--train 'some'")]
    [InlineData("load|/no/such/file.csv", "There is no file /no/such/file.csv.")]
    [InlineData("load|x|--url|nonsense", "--url 'nonsense' is no address")]
    [InlineData("search|x|--shards|-1", "--shards '-1'")]
    [InlineData("search|x|-k|0", "--top is 0")]
    [InlineData("search|x|--url|http://127.0.0.1:1", "No server answers at http://127.0.0.1:1. Start one with 'vectordb serve'")]
    [InlineData("get", "get --help")]
    [InlineData("serve|--urls|localhost:9000", "--urls 'localhost:9000'")]
    [InlineData("serve|--shards|0", "--shards is 0")]
    [InlineData("serve|--models|/no/such/folder", "There is no folder /no/such/folder")]
    [InlineData("bench", "bench --help")]
    [InlineData("bench|index", "bench index --help")]
    [InlineData("bench|index|--base|/no/such.npy", "There is no file /no/such.npy.")]
    [InlineData("bench|index|--base|x.npy|--metric|manhattan", "--metric 'manhattan' is none of: cosine, dot, euclid.")]
    [InlineData("bench|index|--base|x.npy|--threads|1,0", "--threads '1,0' is no list of numbers")]
    public async Task WrongCall_IsToldInOneLineAndFails(string call, string message)
    {
        var (code, output, errors) = await RunAsync(call.Split('|'));
        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("serve")]
    [InlineData("load")]
    [InlineData("search")]
    [InlineData("get")]
    [InlineData("status")]
    [InlineData("bench")]
    [InlineData("bench index")]
    public async Task Help_EndsWithExamples(string command)
    {
        var (code, output, errors) = await RunAsync([.. command.Split(' '), "--help"]);
        Assert.Equal(0, code);
        Assert.Empty(errors);
        Assert.Contains($"Examples:\n  vectordb {command}", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoCommand_GivesTheHelp()
    {
        var (code, output, _) = await RunAsync([]);
        Assert.Equal(0, code);
        Assert.Contains("demo", output, StringComparison.Ordinal);
    }

    static async Task<(int Code, string Output, string Errors)> RunAsync(string[] args)
    {
        var (output, errors) = (Console.Out, Console.Error);
        using var written = new StringWriter();
        using var failed = new StringWriter();
        Console.SetOut(written);
        Console.SetError(failed);
        try
        {
            using var interruption = new Interruption();
            return (await CommandLine.RunAsync(args, interruption), written.ToString(), failed.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }
}
