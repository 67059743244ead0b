using VectorDb.Benchmarks;
using VectorDb.Benchmarks.IndexBench;

return args.FirstOrDefault() switch
{
    "embedding" => EmbeddingBenchmark.Run(args[1..]),
    "embed" => EmbedCommand.Run(args[1..]),
    "index" => IndexCommand.Run(args.AsSpan(1)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: VectorDb.Benchmarks embedding [MODEL] [--texts N] [--rounds N]");
    Console.Error.WriteLine("       VectorDb.Benchmarks embed --out FILE.npy [--model NAME] [--limit N]");
    Console.Error.WriteLine("       VectorDb.Benchmarks index --base FILE [--queries FILE] [--peer PROGRAM] [--json]");
    return 2;
}
