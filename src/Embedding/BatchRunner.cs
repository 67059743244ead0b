using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace VectorDb.Embedding;

/// <summary>Runs one batch at a time through ONNX Runtime, in buffers that are used again. It knows no texts, only ids.</summary>
/// <remarks>Safe for concurrent use: each call borrows buffers of its own, and a session's Run is thread-safe.</remarks>
internal sealed class BatchRunner : IDisposable
{
    const string IdsInput = "input_ids";
    const string MaskInput = "attention_mask";
    const string TypesInput = "token_type_ids";
    const string HiddenOutput = "last_hidden_state";

    readonly InferenceSession _session;
    readonly string[] _inputs;
    readonly int _dimensions;
    readonly long _paddingId;
    readonly ConcurrentBag<BatchBuffers> _buffers = [];
    readonly RunOptions _runOptions = new();

    public BatchRunner(ModelFolder folder, int paddingId)
    {
        _dimensions = folder.Description.Dimensions;
        _paddingId = paddingId;
        _session = Open(folder);
        try
        {
            _inputs = [.. new[] { IdsInput, MaskInput, TypesInput }.Where(_session.InputMetadata.ContainsKey)];
            CheckGraph(folder);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Embeds one batch.</summary>
    /// <param name="batch">Which texts, and the length of a row.</param>
    /// <param name="ids">Token ids of every text of the call.</param>
    /// <param name="results">Receives a vector for each text of the batch, at its position.</param>
    public void Run(TokenBatch batch, int[][] ids, EmbeddedText[] results)
    {
        if (!_buffers.TryTake(out var buffers))
            buffers = new(_dimensions);
        buffers.Fill(batch, ids, _paddingId);
        Infer(batch, buffers);
        for (var row = 0; row < batch.Texts.Length; row++)
        {
            var text = batch.Texts.Span[row];
            var vector = new float[_dimensions];
            Pooling.MeanNormalized(buffers.Hidden(row, batch.Length, ids[text].Length), vector);
            results[text] = new(vector, ids[text].Length);
        }

        // Not in a finally block: after a failure the runtime might still own them.
        _buffers.Add(buffers);
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    void Infer(TokenBatch batch, BatchBuffers buffers)
    {
        long[] shape = [batch.Texts.Length, batch.Length];
        var inputs = new OrtValue[_inputs.Length];
        try
        {
            for (var i = 0; i < inputs.Length; i++)
                inputs[i] = OrtValue.CreateTensorValueFromMemory<long>(
                    OrtMemoryInfo.DefaultInstance, buffers.Input(_inputs[i], batch.PaddedTokens), shape);
            using var hidden = OrtValue.CreateTensorValueFromMemory<float>(
                OrtMemoryInfo.DefaultInstance, buffers.HiddenMemory(batch.PaddedTokens), [.. shape, _dimensions]);
            _session.Run(_runOptions, _inputs, inputs, [HiddenOutput], [hidden]);
        }
        finally
        {
            foreach (var input in inputs)
                input?.Dispose();
        }
    }

    static InferenceSession Open(ModelFolder folder)
    {
        // One thread a run: calls run side by side instead, on one copy of the weights. Nothing spins between them, and
        // the division of work among threads cannot change a result.
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            return new InferenceSession(folder.ModelPath, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw folder.Unreadable(exception);
        }
    }

    void CheckGraph(ModelFolder folder)
    {
        var missing = new[] { IdsInput, MaskInput }.Except(_session.InputMetadata.Keys).ToArray();
        if (missing.Length > 0)
            throw folder.Unfit($"has no input {string.Join(", ", missing)}");
        var extra = _session.InputMetadata.Keys.Except(_inputs).ToArray();
        if (extra.Length > 0)
            throw folder.Unfit($"asks for an unknown input {string.Join(", ", extra)}");
        if (!_session.OutputMetadata.TryGetValue(HiddenOutput, out var output))
            throw folder.Unfit($"has no output {HiddenOutput}");
        if (output.Dimensions.Length != 3 || (output.Dimensions[2] > 0 && output.Dimensions[2] != _dimensions))
            throw folder.Unfit($"gives [{string.Join(", ", output.Dimensions)}] instead of [batch, tokens, {_dimensions}]");
    }

    /// <summary>Ids, mask and hidden states of one run; they grow to the largest batch met and stay.</summary>
    sealed class BatchBuffers(int dimensions)
    {
        long[] _ids = [];
        long[] _mask = [];
        long[] _types = [];
        float[] _hidden = [];

        public void Fill(TokenBatch batch, int[][] ids, long paddingId)
        {
            Reserve(batch.PaddedTokens);
            var offset = 0;
            foreach (var text in batch.Texts.Span)
            {
                var row = ids[text];
                for (var i = 0; i < batch.Length; i++, offset++)
                {
                    _ids[offset] = i < row.Length ? row[i] : paddingId;
                    _mask[offset] = i < row.Length ? 1 : 0;
                }
            }
        }

        public Memory<long> Input(string name, int tokens) => name switch
        {
            IdsInput => _ids.AsMemory(0, tokens),
            MaskInput => _mask.AsMemory(0, tokens),
            _ => _types.AsMemory(0, tokens),
        };

        public Memory<float> HiddenMemory(int tokens) => _hidden.AsMemory(0, tokens * dimensions);

        public ReadOnlySpan<float> Hidden(int row, int rowLength, int tokens) =>
            _hidden.AsSpan(row * rowLength * dimensions, tokens * dimensions);

        void Reserve(int tokens)
        {
            if (tokens <= _ids.Length)
                return;
            var capacity = Math.Max(tokens, TokenBatch.TokensMax);
            (_ids, _mask, _types) = (new long[capacity], new long[capacity], new long[capacity]);
            _hidden = new float[capacity * dimensions];
        }
    }
}
