using VectorDb.Benchmarks;

return args.FirstOrDefault() switch
{
    "embedding" => EmbeddingBenchmark.Run(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: VectorDb.Benchmarks embedding [MODEL] [--texts N] [--rounds N]");
    return 2;
}
