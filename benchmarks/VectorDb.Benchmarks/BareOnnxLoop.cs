using Microsoft.ML.OnnxRuntime;
using VectorDb.Embedding;

namespace VectorDb.Benchmarks;

/// <summary>
/// ONNX Runtime over ready-made batches and nothing else: no tokenizing, no pooling, no results. What the embedder could
/// reach at most. It shares no code with the embedder but the plan of the batches.
/// </summary>
sealed class BareOnnxLoop : IDisposable
{
    readonly InferenceSession _session;
    readonly string[] _inputNames;
    readonly List<(OrtValue[] Inputs, OrtValue Output)> _runs = [];

    public BareOnnxLoop(ModelFolder folder, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new(folder.ModelPath, options);
        _inputNames = [.. _session.InputMetadata.Keys];
        Dimensions = folder.Description.Dimensions;
    }

    int Dimensions { get; }

    /// <summary>Lays out the inputs of every batch, so that <see cref="Run"/> has nothing left to do but run.</summary>
    public void Prepare(IReadOnlyList<TokenBatch> batches, int[][] ids, int paddingId)
    {
        Clear();
        foreach (var batch in batches)
        {
            long[] shape = [batch.Texts.Length, batch.Length];
            var inputs = Array.ConvertAll(
                _inputNames, name => OrtValue.CreateTensorValueFromMemory(Fill(name, batch, ids, paddingId), shape));
            var hidden = new float[batch.PaddedTokens * Dimensions];
            var output = OrtValue.CreateTensorValueFromMemory(hidden, [.. shape, Dimensions]);
            _runs.Add((inputs, output));
        }
    }

    public void Run(int workers)
    {
        using var options = new RunOptions();
        var next = -1;
        Parallel.For(0, workers, _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < _runs.Count;)
                _session.Run(options, _inputNames, _runs[i].Inputs, ["last_hidden_state"], [_runs[i].Output]);
        });
    }

    public void Dispose()
    {
        Clear();
        _session.Dispose();
    }

    void Clear()
    {
        foreach (var (inputs, output) in _runs)
        {
            Array.ForEach(inputs, input => input.Dispose());
            output.Dispose();
        }

        _runs.Clear();
    }

    static long[] Fill(string name, TokenBatch batch, int[][] ids, int paddingId)
    {
        var values = new long[batch.PaddedTokens];
        if (name == "token_type_ids")
            return values;
        for (var row = 0; row < batch.Texts.Length; row++)
        {
            var tokens = ids[batch.Texts.Span[row]];
            for (var i = 0; i < batch.Length; i++)
            {
                var isToken = i < tokens.Length;
                values[row * batch.Length + i] = name == "attention_mask" ? (isToken ? 1 : 0) : (isToken ? tokens[i] : paddingId);
            }
        }

        return values;
    }
}
