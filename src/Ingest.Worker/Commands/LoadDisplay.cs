using Spectre.Console;
using Spectre.Console.Rendering;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Commands;

/// <summary>
/// Shows a load while it runs: a bar with rate and remaining time on a screen, a line every few seconds elsewhere,
/// and the loader's notes as they come.
/// </summary>
public sealed class LoadDisplay(LoadProgress progress)
{
    static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(3);

    readonly Pace _rows = new(TimeProvider.System);
    readonly Pace _bytes = new(TimeProvider.System);
    long _bytesShown;

    /// <summary>Returns, or throws, what the load does.</summary>
    public async Task ShowAsync(Task loading)
    {
        if (!Terminal.NotesAreOnScreen)
        {
            await FollowAsync(loading, LineInterval, WriteLine);
            return;
        }

        await Terminal.Notes.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new LiveColumn(DescribeRate))
            .StartAsync(async context =>
            {
                var bar = context.AddTask("storing", maxValue: progress.BytesTotal is > 0 ? progress.BytesTotal.Value : 1);
                bar.IsIndeterminate = progress.BytesTotal is null;
                await FollowAsync(loading, BarInterval, () => bar.Value = progress.BytesDone);
            });
    }

    async Task FollowAsync(Task loading, TimeSpan interval, Action show)
    {
        _rows.Add(0);
        _bytes.Add(0);
        while (await Task.WhenAny(loading, Task.Delay(interval)) != loading)
        {
            _rows.Add(progress.Stored);
            _bytes.Add(progress.BytesDone);
            ShowNotes();
            show();
        }

        ShowNotes();
        await loading;
    }

    void ShowNotes()
    {
        while (progress.TryTakeNote(out var note))
            Terminal.Notes.MarkupLineInterpolated($"[yellow]{note}[/]");
    }

    /// <summary>A line for a log; none while nothing happens, as during training.</summary>
    void WriteLine()
    {
        if (progress.BytesDone == _bytesShown)
            return;
        _bytesShown = progress.BytesDone;
        var share = progress.BytesTotal is > 0 ? $" ({100.0 * progress.BytesDone / progress.BytesTotal:N0} %)" : "";
        Terminal.Notes.WriteLine($"{DescribeRate()}{share}");
    }

    string DescribeRate()
    {
        var rejected = progress.Rejected > 0 ? $", {progress.Rejected:N0} left out" : "";
        var left = progress is { BytesTotal: { } total, Stored: > 0 } && _bytes.TimeTo(total) is { } time
            ? $", {Clock(time)} left" : "";
        return $"{progress.Stored:N0} rows stored{rejected}, {_rows.PerSecond:N0} a second{left}";
    }

    static string Clock(TimeSpan time) =>
        time.TotalHours < 1 ? $"{time.Minutes}:{time.Seconds:00}" : $"{(int)time.TotalHours}:{time:mm\\:ss}";

    sealed class LiveColumn(Func<string> describe) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(describe());
    }
}
