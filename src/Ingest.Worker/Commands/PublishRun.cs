using System.Diagnostics;
using VectorDb.IngestWorker.Loading;
using VectorDb.IngestWorker.Publishing;

namespace VectorDb.IngestWorker.Commands;

/// <summary>One run of the worker's <c>load</c>, from the file to the report.</summary>
public sealed record PublishRun
{
    /// <summary>Exit code of a strict load that left rows out.</summary>
    const int RowsLeftOut = 2;

    /// <summary>Longer than a broker or a worker takes to start again.</summary>
    public static readonly TimeSpan PatienceByDefault = TimeSpan.FromSeconds(120);

    /// <summary>What the rows that were sent get when the load is stopped, and what the last questions about them get.</summary>
    static readonly TimeSpan LastQuestions = TimeSpan.FromSeconds(6);

    /// <summary>
    /// At most 2,048 rows under way: eight batches of the router, so that it always has the next one, and about ten seconds of
    /// embedding, which is what Ctrl+C waits for.
    /// </summary>
    public static readonly LoadOptions LoadByDefault = new() { BatchSize = 256, InFlight = 8, IdsRemembered = 1_000_000 };

    public required string Path { get; init; }

    public bool Json { get; init; }

    public TimeSpan Patience { get; init; } = PatienceByDefault;

    public RowFormatOptions Format { get; init; } = new();

    public long Limit { get; init; } = long.MaxValue;

    public LoadOptions Load { get; init; } = LoadByDefault;

    public TrainingChoice Training { get; init; } = TrainingChoice.Auto;

    public bool Strict { get; init; }

    /// <summary>File that gets a line for each row that was left out.</summary>
    public string? RejectedPath { get; init; }

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var input = new LoadInput(Path, Format, Limit);
        // The file first: a wrong path should not need a broker to be told. Not disposed when the load is stopped, because a pipe
        // may be blocked in a read.
        var reader = await Task.Run(input.Open, CancellationToken.None).WaitAsync(stop);
        await using var rejected = RejectionFile.Open(RejectedPath);
        var progress = new LoadProgress { BytesTotal = Limit == long.MaxValue ? input.Length : null, RejectionFile = rejected };
        await using var cluster = await LoadCluster.ConnectAsync(progress, stop);
        Note($"{input.Name} is {reader.Description}");
        var clock = Stopwatch.StartNew();
        CommandFailure? failure = null;
        try
        {
            await new LoadDisplay(progress).ShowAsync(LoadAsync(cluster, input, reader, progress, stop));
            reader.Dispose();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Note("Stopped; asking what became of the rows that are under way.");
        }
        catch (CommandFailure failed)
        {
            failure = failed;
        }
        await AskForTheRestAsync(cluster, progress);
        var report = new LoadReport(progress, cluster.Fates.Open, clock.Elapsed);
        report.Write(Json);
        if (failure is not null)
            throw failure;
        return stop.IsCancellationRequested ? Interruption.ExitCode : ExitCodeOf(report);
    }

    async Task LoadAsync(LoadCluster cluster, LoadInput input, IRowReader reader, LoadProgress progress, CancellationToken stop)
    {
        using var collection = new LoadCollection(cluster.Bus, cluster.Heard);
        var state = await collection.FindAsync(stop);
        var isUntouched = cluster.Heard.ShardCount > 1 && state is null or { Epoch: 0 } && await cluster.CountAsync(stop) == 0;
        var trainer = new ClusterTrainer(cluster, collection);
        var rows = await new Training(trainer, progress.Note).RunAsync(
            input, input.Limit(reader.ReadRows()), Training, isUntouched, stop);
        var publisher = new BatchPublisher(cluster, collection, progress, Patience);
        await new BulkLoader(publisher, progress, Load).RunAsync(rows, stop);
    }

    /// <summary>Rows whose fates have not come may be stored all the same: the shards know.</summary>
    static async Task AskForTheRestAsync(LoadCluster cluster, LoadProgress progress)
    {
        if (cluster.Fates.Open.Count > 0)
        {
            using var soon = new CancellationTokenSource(LastQuestions);
            await cluster.Survey.AskAsync(cluster.Fates.Open, soon.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (progress.TryTakeNote(out var note))
            Console.Error.WriteLine(note);
    }

    int ExitCodeOf(LoadReport report)
    {
        if (report.Pending > 0)
            return WorkerCommandLine.Failed;
        if (report.Stored == 0)
            throw new CommandFailure(report.Rejected > 0
                ? "Nothing was stored: every row was left out. Is it the right --format, and are the columns the right ones?"
                : "Nothing was stored: there are no rows.");
        return Strict && report.Rejected > 0 ? RowsLeftOut : 0;
    }

    void Note(string text)
    {
        if (!Json)
            Console.Error.WriteLine(text);
    }
}
