using VectorDb.Benchmarks;

return args.FirstOrDefault() switch
{
    "embedding" => EmbeddingBenchmark.Run(args[1..]),
    "embed" => EmbedCommand.Run(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: VectorDb.Benchmarks embedding [MODEL] [--texts N] [--rounds N]");
    Console.Error.WriteLine("       VectorDb.Benchmarks embed --out FILE.npy [--model NAME] [--limit N]");
    Console.Error.WriteLine("The index is measured by: vectordb bench index");
    return 2;
}
