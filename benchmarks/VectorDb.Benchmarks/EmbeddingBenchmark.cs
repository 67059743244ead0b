using System.Diagnostics;
using VectorDb.Embedding;
using VectorDb.Embedding.Tokenization;

namespace VectorDb.Benchmarks;

/// <summary>
/// How fast texts become vectors, and how much of what ONNX Runtime could do is lost on the way. All ways run in turn in
/// one process, several rounds, and each is given by its best round; processor time stands beside wall time because it
/// minds a busy machine less.
/// </summary>
static class EmbeddingBenchmark
{
    static readonly int Cores = Environment.ProcessorCount;

    public static int Run(string[] args)
    {
        var model = args.FirstOrDefault(arg => arg.StartsWith("all-", StringComparison.Ordinal)) ?? "all-MiniLM-L6-v2";
        var texts = AgNews(Number(args, "--texts", 400));
        var rounds = Number(args, "--rounds", 5);
        var folder = ModelFolder.Find(SharedFiles.Models(model), model);
        var tokenizer = BertTokenizer.Load(folder);
        var ids = Array.ConvertAll(texts, tokenizer.Encode);
        var tokens = ids.Sum(row => row.Length);
        Console.WriteLine($"{model}, {texts.Length} AG News texts, {tokens} tokens "
            + $"({(double)tokens / texts.Length:f1} a text), {Cores} cores");

        using var embedder = OnnxEmbedder.Load(folder);
        using var oneThread = new BareOnnxLoop(folder, threads: 1);
        using var allThreads = new BareOnnxLoop(folder, threads: Cores);
        var plan = Plan(ids, folder, TokenBatch.LengthStep);
        oneThread.Prepare(plan, ids, tokenizer.PaddingId);
        allThreads.Prepare(plan, ids, tokenizer.PaddingId);
        Console.WriteLine($"{plan.Count} batches, padding {Padding(plan, tokens):p1}; "
            + $"in the order given, 32 a batch: {UnsortedPadding(ids):p1}");
        Tokenizing(texts[..20], folder);
        Compare(tokens, texts.Length, rounds,
            ("embedder", () => embedder.Embed(texts)),
            ($"bare runtime, {Cores} runs of one thread", () => oneThread.Run(Cores)),
            ($"bare runtime, one run of {Cores} threads", () => allThreads.Run(1)),
            ("one text at a time", () => OneByOne(embedder, texts)),
            ($"calls of 64 texts, {Cores} at a time", () => CallsOf(64, embedder, texts)));
        Steps(ids, folder, tokenizer.PaddingId, oneThread, rounds);
        Latency(embedder, ids, tokenizer.PaddingId, oneThread, allThreads);
        return 0;
    }

    static void OneByOne(OnnxEmbedder embedder, string[] texts) => Array.ForEach(texts, text => embedder.Embed([text]));

    static void CallsOf(int count, OnnxEmbedder embedder, string[] texts) => Parallel.ForEach(
        texts.Chunk(count), new ParallelOptions { MaxDegreeOfParallelism = Cores }, chunk => embedder.Embed(chunk));

    /// <summary>Once over texts whose words are new to the tokenizer, then again with the words it remembers.</summary>
    static void Tokenizing(string[] warmUp, ModelFolder folder)
    {
        Array.ForEach(warmUp, text => BertTokenizer.Load(folder).Encode(text));
        var texts = AgNews(int.MaxValue);
        var tokenizer = BertTokenizer.Load(folder);
        var tokens = 0;
        var first = Timed(() => tokens = texts.Sum(text => tokenizer.Encode(text).Length)).Cpu;
        var again = Best(5, () => Array.ForEach(texts, text => tokenizer.Encode(text))).Cpu;
        Console.WriteLine($"tokenizing {tokens} tokens of {texts.Length} texts: {tokens / first / 1e6:f1} M tokens a CPU second "
            + $"the first time, {tokens / again / 1e6:f1} M again");
    }

    static void Compare(int tokens, int textCount, int rounds, params (string Name, Action Work)[] ways)
    {
        var best = BestInTurn(rounds, [.. ways.Select(way => way.Work)]);
        Console.WriteLine();
        Console.WriteLine("| way | tokens/s | texts/s | time against the embedder | CPU s | CPU against the embedder |");
        Console.WriteLine("|---|---|---|---|---|---|");
        for (var i = 0; i < ways.Length; i++)
        {
            Console.WriteLine($"| {ways[i].Name} | {tokens / best[i].Wall:f0} | {textCount / best[i].Wall:f1} | "
                + $"{best[i].Wall / best[0].Wall:p0} | {best[i].Cpu:f2} | {best[i].Cpu / best[0].Cpu:p0} |");
        }
    }

    /// <summary>What rounding lengths up costs in padding and saves in runs, for one large call and for calls of 64 texts.</summary>
    static void Steps(int[][] ids, ModelFolder folder, int paddingId, BareOnnxLoop loop, int rounds)
    {
        int[] steps = [1, 2, 4, 8, 16];
        var tokens = ids.Sum(row => row.Length);
        Console.WriteLine("\n| length step | batches, padding, tokens a CPU second: one call | the same, calls of 64 |\n|---|---|---|");
        var plans = steps.Select(step => (Whole: Plan(ids, folder, step), Parts: PlanCalls(ids, folder, step, 64))).ToArray();
        var best = new (double Whole, double Parts)[steps.Length];
        Array.Fill(best, (double.MaxValue, double.MaxValue));
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < steps.Length; i++)
            {
                best[i] = (Math.Min(best[i].Whole, Time(plans[i].Whole)), Math.Min(best[i].Parts, Time(plans[i].Parts)));
            }
        }

        for (var i = 0; i < steps.Length; i++)
        {
            Console.WriteLine($"| {steps[i]} | {plans[i].Whole.Count}, {Padding(plans[i].Whole, tokens):p1}, {tokens / best[i].Whole:f0} "
                + $"| {plans[i].Parts.Count}, {Padding(plans[i].Parts, tokens):p1}, {tokens / best[i].Parts:f0} |");
        }

        double Time(IReadOnlyList<TokenBatch> plan)
        {
            loop.Prepare(plan, ids, paddingId);
            return Timed(() => loop.Run(Cores)).Cpu;
        }
    }

    static void Latency(OnnxEmbedder embedder, int[][] ids, int paddingId, BareOnnxLoop oneThread, BareOnnxLoop allThreads)
    {
        Console.WriteLine("\n| one text of | embedder | bare, one thread | bare, all threads |\n|---|---|---|---|");
        foreach (var words in new[] { 3, 10, 40 })
        {
            var text = string.Join(' ', Enumerable.Repeat("news", words));
            int[][] row = [[.. Enumerable.Repeat(ids[0][1], words + 2)]];
            var batch = TokenBatch.Plan([words + 2], lengthMax: words + 2 + TokenBatch.LengthStep);
            oneThread.Prepare(batch, row, paddingId);
            allThreads.Prepare(batch, row, paddingId);
            var best = BestInTurn(100, () => embedder.Embed([text]), () => oneThread.Run(1), () => allThreads.Run(1));
            Console.WriteLine($"| {words + 2} tokens | {string.Join(" | ", best.Select(time => $"{time.Wall * 1e3:f2} ms"))} |");
        }
    }

    static IReadOnlyList<TokenBatch> Plan(int[][] ids, ModelFolder folder, int step) =>
        TokenBatch.Plan(Array.ConvertAll(ids, row => row.Length), folder.Description.MaxTokens, step);

    static List<TokenBatch> PlanCalls(int[][] ids, ModelFolder folder, int step, int count)
    {
        var batches = new List<TokenBatch>();
        for (var start = 0; start < ids.Length; start += count)
        {
            var offset = start;
            batches.AddRange(Plan(ids[start..Math.Min(start + count, ids.Length)], folder, step)
                .Select(batch => batch with { Texts = Array.ConvertAll(batch.Texts.ToArray(), text => text + offset) }));
        }

        return batches;
    }

    static double Padding(IReadOnlyList<TokenBatch> plan, int tokens) => 1 - tokens / (double)plan.Sum(batch => batch.PaddedTokens);

    static double UnsortedPadding(int[][] ids) =>
        1 - ids.Sum(row => row.Length) / (double)ids.Chunk(32).Sum(chunk => chunk.Length * chunk.Max(row => row.Length));

    static (double Wall, double Cpu) Best(int rounds, Action work) => BestInTurn(rounds, work)[0];

    static (double Wall, double Cpu)[] BestInTurn(int rounds, params Action[] ways)
    {
        Array.ForEach(ways, way => way());
        var best = new (double Wall, double Cpu)[ways.Length];
        Array.Fill(best, (double.MaxValue, double.MaxValue));
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                var (wall, cpu) = Timed(ways[i]);
                best[i] = (Math.Min(best[i].Wall, wall), Math.Min(best[i].Cpu, cpu));
            }
        }

        return best;
    }

    static (double Wall, double Cpu) Timed(Action work)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        work();
        return (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    static int Number(string[] args, string option, int otherwise)
    {
        var position = Array.IndexOf(args, option);
        return position < 0 ? otherwise : int.Parse(args[position + 1], System.Globalization.CultureInfo.InvariantCulture);
    }

    static string[] AgNews(int count)
    {
        var path = SharedFiles.Data("ag_news_test.csv");
        // "class","title","description"
        return [.. File.ReadLines(path).Take(count).Select(
            line => line[5..].Replace("\",\"", " ", StringComparison.Ordinal).TrimEnd('"'))];
    }
}
