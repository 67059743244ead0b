using VectorDb.Benchmarks;
using VectorDb.Benchmarks.BrokerBench;
using VectorDb.Benchmarks.Routing;

return args.FirstOrDefault() switch
{
    "embedding" => EmbeddingBenchmark.Run(args[1..]),
    "embed" => EmbedCommand.Run(args[1..]),
    "routing" => RoutingBenchmark.Run(args[1..]),
    "broker" => await BrokerCommand.RunAsync(args[1..]),
    "plot-shards" => ShardsPlots.Run(args[1..]),
    RoleProcess.Command => await RoleChild.RunAsync(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: VectorDb.Benchmarks embedding [MODEL] [--texts N] [--rounds N]");
    Console.Error.WriteLine("       VectorDb.Benchmarks embed --out FILE.npy [--model NAME] [--limit N]");
    Console.Error.WriteLine("       VectorDb.Benchmarks broker [--rounds N] [--seconds N] [--vectors N] [--json]");
    Console.Error.WriteLine("       " + RoutingOptions.Usage);
    Console.Error.WriteLine("       VectorDb.Benchmarks plot-shards FOLDER");
    Console.Error.WriteLine("The index is measured by: vectordb bench index; shards by: vectordb bench shards");
    return 2;
}
