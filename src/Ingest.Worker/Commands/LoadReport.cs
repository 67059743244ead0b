using VectorDb.IngestWorker.Loading;
using VectorDb.IngestWorker.Publishing;

namespace VectorDb.IngestWorker.Commands;

/// <summary>What became of a load's rows, for people and for programs.</summary>
public sealed class LoadReport(LoadProgress progress, IReadOnlyList<PublishedBatch> open, TimeSpan elapsed)
{
    /// <summary>Operations named to people; programs get all of them.</summary>
    const int OperationsTold = 8;

    public long Stored { get; } = progress.Stored;

    public long Rejected { get; } = progress.Rejected;

    /// <summary>Published, or about to be when the load ended, and neither stored nor refused yet.</summary>
    public long Pending { get; } = open.Sum(batch => (long)batch.Open.Count);

    public void Write(bool asJson)
    {
        if (asJson)
            Terminal.WriteJson(new
            {
                Stored,
                Rejected,
                Pending,
                progress.Repeated,
                progress.Rejections,
                Operations = open.Select(batch => batch.Id),
                Seconds = Math.Round(elapsed.TotalSeconds, 3),
            });
        else
            WriteWords();
    }

    void WriteWords()
    {
        var rate = Stored / Math.Max(elapsed.TotalSeconds, 0.001);
        var repeated = progress.Repeated == 0 ? ""
            : $" ({progress.Repeated:N0} of them took the place of an earlier row with the same id)";
        Console.Out.WriteLine($"Stored {Stored:N0} rows{repeated}, left out {Rejected:N0}, pending {Pending:N0}, "
            + $"in {elapsed.TotalSeconds:N1} s ({rate:N0} rows a second).");
        if (Pending == 0)
            return;
        Console.Out.WriteLine("Pending rows may be stored yet, or not have reached the broker; loading the file again is safe. "
            + "A server tells what became of them:");
        foreach (var batch in open.Take(OperationsTold))
            Console.Out.WriteLine($"  GET /operations/{batch.Id}   {batch.Open.Count} rows from line {batch.Open[0].Line}");
        if (open.Count > OperationsTold)
            Console.Out.WriteLine($"  … and {open.Count - OperationsTold} more (--json names all)");
    }
}
