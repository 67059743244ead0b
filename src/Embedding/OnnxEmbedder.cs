using VectorDb.Embedding.Tokenization;

namespace VectorDb.Embedding;

/// <summary>Embeds texts with a BERT-like model in ONNX Runtime, on the CPU.</summary>
/// <remarks>
/// <para>The model's contract. Inputs, chosen by name: <c>input_ids</c>, <c>attention_mask</c> and, where the model has it,
/// <c>token_type_ids</c> (zeros), int64 [batch, tokens]. Output, chosen by name: <c>last_hidden_state</c>, float32 [batch,
/// tokens, dimensions]; other outputs are not computed. A vector is the mean over the tokens that are not padding, brought
/// to L2 norm 1.</para>
/// <para>Same text, same vector: a text is filled up to a length that depends on nothing but itself, a run has one thread,
/// and the runtime's kernels compute a row alike wherever it stands. Tests hold all three on the machine that runs them;
/// another kind of processor may differ in the last bits.</para>
/// <para>Threads: a call spreads its batches over <see cref="EmbedderOptions.ParallelBatches"/> cores. All calls together
/// take no more, except that a call of a few short texts does not wait behind large ones: it has places of its own.</para>
/// </remarks>
public sealed class OnnxEmbedder : IEmbedder
{
    /// <summary>Padded tokens of a call that counts as short: a question or a few, some 30 ms of one core.</summary>
    const int ShortCallTokensMax = 128;

    readonly BertTokenizer _tokenizer;
    readonly BatchRunner _runner;
    readonly int _parallelBatches;
    readonly SemaphoreSlim _places;
    readonly SemaphoreSlim _shortPlaces;
    readonly Lock _closing = new();
    bool _closed;

    OnnxEmbedder(ModelFolder folder, EmbedderOptions options)
    {
        Model = folder.Description;
        _parallelBatches = options.ParallelBatches;
        _tokenizer = BertTokenizer.Load(folder);
        _runner = new(folder, _tokenizer.PaddingId);
        _places = new(_parallelBatches, _parallelBatches);
        _shortPlaces = new(_parallelBatches, _parallelBatches);
    }

    /// <inheritdoc/>
    public ModelDescription Model { get; }

    /// <summary>Loads a model into memory; 0.3 s and 120 MB for all-MiniLM-L6-v2.</summary>
    /// <exception cref="ModelFolderException">The file is not the model that it should be.</exception>
    /// <exception cref="PlatformNotSupportedException">The process runs without ICU; the message says how to get it.</exception>
    public static OnnxEmbedder Load(ModelFolder folder, EmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        options ??= new();
        options.Validate();
        return new(folder, options);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EmbeddedText> Embed(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
        var ids = Tokenize(texts, cancellationToken);
        var batches = TokenBatch.Plan(Array.ConvertAll(ids, row => row.Length), Model.MaxTokens);
        var results = new EmbeddedText[texts.Count];
        var places = batches.Sum(batch => batch.PaddedTokens) <= ShortCallTokensMax ? _shortPlaces : _places;
        var workers = Math.Min(_parallelBatches, batches.Count);
        if (places == _shortPlaces || workers <= 1)
        {
            foreach (var batch in batches)
                Run(batch, ids, results, places, cancellationToken);
            return results;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Unwrapped(() => Parallel.ForEach(
            System.Collections.Concurrent.Partitioner.Create(
                batches, System.Collections.Concurrent.EnumerablePartitionerOptions.NoBuffering),
            parallel,
            batch => Run(batch, ids, results, places, cancellationToken)));
        return results;
    }

    /// <summary>Frees the model's memory, once the runs under way have ended.</summary>
    public void Dispose()
    {
        lock (_closing)
        {
            if (_closed)
                return;
            Volatile.Write(ref _closed, true);
        }

        for (var i = 0; i < _parallelBatches; i++)
        {
            _places.Wait();
            _shortPlaces.Wait();
        }

        _runner.Dispose();
        // A call that waited for a place gets one, sees that the embedder is closed, and says so.
        _places.Release(_parallelBatches);
        _shortPlaces.Release(_parallelBatches);
    }

    int[][] Tokenize(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var ids = new int[texts.Count][];
        for (var i = 0; i < ids.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ids[i] = _tokenizer.Encode(texts[i]
                ?? throw new ArgumentException($"Text {i} of {texts.Count} is null; pass an empty string instead.", nameof(texts)));
        }

        return ids;
    }

    void Run(TokenBatch batch, int[][] ids, EmbeddedText[] results, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        places.Wait(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
            _runner.Run(batch, ids, results);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>The caller asked for one thing, so it gets one exception, not an aggregate of what each worker met.</summary>
    static void Unwrapped(Action work)
    {
        try
        {
            work();
        }
        catch (AggregateException exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
