using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;
using VectorDb.Server.Loading;

namespace VectorDb.Server.Commands;

/// <summary>One run of <c>load</c>, from the file to the summary.</summary>
public sealed record LoadRun
{
    /// <summary>Exit code of a strict load that left rows out.</summary>
    const int RowsLeftOut = 2;

    public required string Path { get; init; }

    public required string Url { get; init; }

    public bool Json { get; init; }

    public RowFormatOptions Format { get; init; } = new();

    public long Limit { get; init; } = long.MaxValue;

    public LoadOptions Load { get; init; } = new();

    public TrainingChoice Training { get; init; } = TrainingChoice.Auto;

    public bool Resume { get; init; }

    public bool Strict { get; init; }

    /// <summary>File that gets a line for each row that was left out.</summary>
    public string? RejectedPath { get; init; }

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var input = new LoadInput(Path, Format, Limit);
        // The file first: a wrong path should not need a server to be told. Not disposed when the load is stopped, because a pipe
        // may be blocked in a read.
        var reader = await Task.Run(input.Open, CancellationToken.None).WaitAsync(stop);
        using var client = new VectorDbClient(Url);
        var status = await ServerReadiness.WaitAsync(client, stop);
        Note($"{input.Name} is {reader.Description}");
        await using var rejected = RejectionFile.Open(RejectedPath);
        var progress = new LoadProgress { BytesTotal = Limit == long.MaxValue ? input.Length : null, RejectionFile = rejected };
        var clock = Stopwatch.StartNew();
        try
        {
            await new LoadDisplay(progress).ShowAsync(LoadAsync(client, input, reader, status, progress, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Note($"Stopped. {Describe(progress)}. {BatchSender.HowToGoOn}");
            return Interruption.ExitCode;
        }
        catch (CommandFailure)
        {
            Note(Describe(progress));
            throw;
        }

        reader.Dispose();
        return await FinishAsync(client, progress, clock.Elapsed, stop);
    }

    /// <summary>Trains and stores. Shared with the demo, which shows other things around it.</summary>
    public async Task LoadAsync(
        VectorDbClient client, LoadInput input, IRowReader reader, ServerStatus status, LoadProgress progress,
        CancellationToken stop)
    {
        var stored = Resume && status.Points > 0 ? await StoredIds.FetchAsync(client, status, stop) : new HashSet<PointId>();
        var rows = input.Limit(reader.ReadRows());
        var isUntouched = status is { Points: 0, HasCentroids: false } && status.Shards.Count != 1;
        var trainer = new HttpTrainer(client);
        var all = await new Training(trainer, progress.Note).RunAsync(input, rows, Training, isUntouched, stop);
        var loader = new BulkLoader(new BatchSender(client, progress), progress, Load with { SkippedIds = stored });
        await loader.RunAsync(all, stop);
    }

    async Task<int> FinishAsync(VectorDbClient client, LoadProgress progress, TimeSpan elapsed, CancellationToken stop)
    {
        var points = (await client.GetStatusAsync(stop)).Points;
        if (Json)
            Terminal.WriteJson(new LoadSummary(progress, points, elapsed));
        else
        {
            var rate = progress.Stored / Math.Max(elapsed.TotalSeconds, 0.001);
            Console.Out.WriteLine($"{Describe(progress)} in {elapsed.TotalSeconds:N1} s ({rate:N0} rows a second).");
            Console.Out.WriteLine($"The server holds {points:N0} points.");
        }

        if (progress.Stored + progress.Skipped == 0)
            throw new CommandFailure(progress.Rejected > 0
                ? "Nothing was stored: every row was left out. Is it the right --format, and are the columns the right ones?"
                : "Nothing was stored: there are no rows.");
        return Strict && progress.Rejected > 0 ? RowsLeftOut : 0;
    }

    static string Describe(LoadProgress progress)
    {
        var text = $"Stored {progress.Stored:N0} rows";
        if (progress.Repeated > 0)
            text += $" ({progress.Repeated:N0} of them took the place of an earlier row with the same id)";
        if (progress.Skipped > 0)
            text += $", {progress.Skipped:N0} were there already";
        return progress.Rejected > 0 ? $"{text}, left out {progress.Rejected:N0}" : text;
    }

    void Note(string text)
    {
        if (!Json)
            Console.Error.WriteLine(text);
    }

    /// <summary>What <c>--json</c> prints.</summary>
    sealed record LoadSummary
    {
        public LoadSummary(LoadProgress progress, long points, TimeSpan elapsed)
        {
            (Stored, Rejected, Skipped, Repeated) = (progress.Stored, progress.Rejected, progress.Skipped, progress.Repeated);
            (Rejections, Points, Seconds) = (progress.Rejections, points, Math.Round(elapsed.TotalSeconds, 3));
        }

        public long Stored { get; }

        public long Rejected { get; }

        public long Skipped { get; }

        public long Repeated { get; }

        public IReadOnlyCollection<string> Rejections { get; }

        public long Points { get; }

        public double Seconds { get; }
    }
}
