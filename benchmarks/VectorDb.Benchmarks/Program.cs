using VectorDb.Benchmarks.IndexBench;

return args switch
{
    ["index", .. var rest] => IndexCommand.Run(rest),
    _ => Unknown(),
};

static int Unknown()
{
    Console.Error.WriteLine("usage: index ... (the name of a benchmark, then its arguments)");
    return 2;
}
