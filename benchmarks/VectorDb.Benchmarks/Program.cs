using VectorDb.Benchmarks;
using VectorDb.Benchmarks.BrokerBench;
using VectorDb.Benchmarks.IndexBench;

return args.FirstOrDefault() switch
{
    "embedding" => EmbeddingBenchmark.Run(args[1..]),
    "index" => IndexCommand.Run(args.AsSpan(1)),
    "broker" => await BrokerCommand.RunAsync(args[1..]),
    RoleProcess.Command => await RoleChild.RunAsync(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: VectorDb.Benchmarks embedding [MODEL] [--texts N] [--rounds N]");
    Console.Error.WriteLine("       VectorDb.Benchmarks index --base FILE [--queries FILE] [--peer PROGRAM] [--json]");
    Console.Error.WriteLine("       VectorDb.Benchmarks broker [--rounds N] [--seconds N] [--vectors N] [--json]");
    return 2;
}
