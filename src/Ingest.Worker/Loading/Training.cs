using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>Trains centroids from a sample of what is about to be loaded, if that makes sense and is wanted.</summary>
public sealed class Training(ITrainer trainer, Action<string> note)
{
    /// <summary>Guess: with fewer rows asking every shard costs next to nothing.</summary>
    const int RowsMin = 1000;

    /// <summary>
    /// Trains before the first row is stored. A pipe is read as far as the sample needs, and those rows are returned
    /// with the rest.
    /// </summary>
    /// <param name="input">The input; a file is opened again for the sample.</param>
    /// <param name="rows">The rows to be loaded.</param>
    /// <param name="choice">What the user wants.</param>
    /// <param name="isUntouched">There are neither points nor centroids yet, and more than one shard.</param>
    /// <param name="stop">Stops reading and training.</param>
    /// <returns>All rows to load.</returns>
    public async Task<IEnumerable<LoadedRow>> RunAsync(
        LoadInput input, IEnumerable<LoadedRow> rows, TrainingChoice choice, bool isUntouched, CancellationToken stop)
    {
        if (!choice.IsWanted || (choice.Rows is null && !isUntouched))
            return rows;
        var (sample, count, all) = await TakeSampleAsync(input, rows, choice.Rows, stop);
        if (choice.Rows is null && count < RowsMin)
            note($"{count:N0} rows are too few to train centroids from: searches ask all shards (--train N trains anyway)");
        else if (sample.Count > 0)
            await TrainAsync(sample, count, input.IsPipe ? "the first " : "", stop);
        return all;
    }

    static async Task<(IReadOnlyList<PointInput> Sample, long Count, IEnumerable<LoadedRow> All)> TakeSampleAsync(
        LoadInput input, IEnumerable<LoadedRow> rows, int? wanted, CancellationToken stop)
    {
        if (!input.IsPipe)
        {
            var (spread, count) = await Task.Run(() => input.SpreadSample(wanted, stop), stop);
            return (spread, count, rows);
        }

        var (first, all) = await Task.Run(() => ReadFirst(rows, wanted ?? RowsMin), stop).WaitAsync(stop);
        return (TrainingSample.FromFirst(first), first.Count, all);
    }

    static (IReadOnlyList<LoadedRow> First, IEnumerable<LoadedRow> All) ReadFirst(IEnumerable<LoadedRow> rows, int count)
    {
        var first = new List<LoadedRow>();
        var rest = rows.GetEnumerator();
        while (first.Count < count && rest.MoveNext())
            first.Add(rest.Current);
        return (first, first.Concat(Rest(rest)));
    }

    static IEnumerable<LoadedRow> Rest(IEnumerator<LoadedRow> rows)
    {
        using (rows)
        {
            while (rows.MoveNext())
                yield return rows.Current;
        }
    }

    async Task TrainAsync(IReadOnlyList<PointInput> sample, long count, string which, CancellationToken stop)
    {
        note($"training centroids on {sample.Count:N0} of {which}{count:N0} rows");
        if (await trainer.TrainAsync(sample, count, stop) is { } problem)
            note($"not trained: {problem}");
    }
}
