using CsCheck;
using Xunit;

namespace VectorDb.Embedding.Tests;

public sealed class OnnxEmbedderTests
{
    readonly OnnxEmbedder _embedder = LoadedModels.Embedder(ModelPlaces.MiniLm);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void NoTexts_GiveNoVectors() => Assert.Empty(_embedder.Embed([], Token));

    [Fact]
    public void ANullText_IsRefusedWithItsPosition()
    {
        var error = Assert.Throws<ArgumentException>(() => _embedder.Embed(["a", null!], Token));
        Assert.Contains("Text 1 of 2 is null", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TokenCount_IsWhatTheModelRead()
    {
        var counts = _embedder.Embed(["", "hello", string.Concat(Enumerable.Repeat("the ", 1_000_000))], Token);
        Assert.Equal([2, 3, 256], counts.Select(text => text.TokenCount));
    }

    [Fact]
    public void ACancelledCall_StopsBetweenBatches()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => _embedder.Embed(["a"], source.Token));
    }

    [Fact]
    public async Task ACallCancelledUnderWay_DoesNotFinishItsTexts()
    {
        using var source = new CancellationTokenSource();
        var texts = Enumerable.Range(0, 4_000).Select(i => $"{i} {new string('.', 250)}").ToArray();
        var call = Task.Run(() => _embedder.Embed(texts, source.Token), Token);
        source.CancelAfter(TimeSpan.FromMilliseconds(200));
        // All of them would take minutes.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public void AfterDispose_CallsAreRefused()
    {
        var embedder = OnnxEmbedder.Load(ModelFolder.Find(ModelPlaces.Repository, ModelPlaces.MiniLm));
        embedder.Dispose();
        embedder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => embedder.Embed(["a"], Token));
    }

    [Fact]
    public async Task DisposeUnderWay_EndsCallsWithAnAnswerOrARefusal()
    {
        var embedder = OnnxEmbedder.Load(ModelFolder.Find(ModelPlaces.Repository, ModelPlaces.MiniLm));
        var started = new CountdownEvent(4);
        // Threads of their own, and calls without end: on a busy thread pool some would begin when the others are through.
        var calls = Enumerable.Range(0, 4).Select(call => Task.Factory.StartNew(() =>
        {
            started.Signal();
            for (var i = 0; ; i++)
                embedder.Embed([$"text {call} {i}"], Token);
        }, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        started.Wait(Token);
        embedder.Dispose();
        foreach (var call in calls)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
    }

    [Fact]
    public void NoParallelBatches_AreRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => OnnxEmbedder.Load(
        ModelFolder.Find(ModelPlaces.Repository, ModelPlaces.MiniLm), new EmbedderOptions { ParallelBatches = 0 }));

    [Fact]
    public void AnyLengths_ArePlannedOnceEachInRowsOfOneLength() =>
        Gen.Int[2, 256].Array[0, 300].Sample(lengths =>
        {
            var batches = TokenBatch.Plan(lengths, lengthMax: 256);
            Assert.Equal(Enumerable.Range(0, lengths.Length), batches.SelectMany(batch => batch.Texts.ToArray()).Order());
            foreach (var batch in batches)
            {
                Assert.InRange(batch.PaddedTokens, 1, TokenBatch.TokensMax);
                Assert.InRange(batch.Length, 2, 256);
                Assert.All(batch.Texts.ToArray(), text => Assert.InRange(batch.Length - lengths[text], 0, TokenBatch.LengthStep - 1));
            }
        });
}
