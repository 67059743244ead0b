using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// Scores of queries against rows that lie one after another, in register tiles: each number that is loaded serves
/// several pairs. Both sides are float32, 64-byte aligned, padded with zeros to a multiple of 16 (see
/// <see cref="Stride"/>).
/// </summary>
/// <remarks>
/// The sum of a pair has one fixed order: 16 running sums by fused multiply-add, folded in halves at the end. It
/// depends neither on the tile, nor on how many queries share the batch, nor on the width of the machine's registers,
/// so the same pair has the same score, to the last bit, always.
/// </remarks>
internal static unsafe class RowScores
{
    /// <summary>Floats in one step of every sum.</summary>
    public const int Lanes = 16;

    /// <summary>Queries in the widest tile.</summary>
    public const int QueryTile = 4;

    /// <summary>Queries whose sums fit sixteen registers of 8 lanes, beside the rows'.</summary>
    const int NarrowQueries = 2;

    /// <summary>Rows in every tile; a caller passes a multiple of it.</summary>
    public const int RowTile = 4;

    /// <summary>
    /// How far ahead the first tile that meets rows asks for them, since four rows at a time defeat the hardware's prefetcher. Measured
    /// 2026-11-23, Zen 4, busy machine, 384-d: batches of 4 queries a third faster; 4 and 16 rows are no better. Later tiles find them
    /// in the cache; asking again would only cost them loads.
    /// </summary>
    const int PrefetchRows = 8;

    /// <summary>Floats from one padded row to the next.</summary>
    public static int Stride(int dimensions) => (dimensions + Lanes - 1) / Lanes * Lanes;

    /// <summary>Ranks of rows: inner products, or minus Euclidean distances.</summary>
    /// <param name="metric">Cosine is the product too, held to -1 to 1 against the last bit of rounding.</param>
    /// <param name="queries">queryCount padded queries.</param>
    /// <param name="queryCount">1 or <see cref="QueryTile"/>.</param>
    /// <param name="rows">Padded rows, as many as <paramref name="ranks"/> holds for each query.</param>
    /// <param name="stride">Floats of a padded row.</param>
    /// <param name="ranks">Results, queryCount x rows, one query after the other; rows a multiple of
    /// <see cref="RowTile"/>.</param>
    public static void Rank(
        Metric metric, float* queries, int queryCount, float* rows, int stride, Span<float> ranks) =>
        Rank<Fetched>(metric, queries, queryCount, rows, stride, ranks);

    /// <summary>As <see cref="Rank"/>, for rows that an earlier tile has just read.</summary>
    public static void RankCached(
        Metric metric, float* queries, int queryCount, float* rows, int stride, Span<float> ranks) =>
        Rank<Cached>(metric, queries, queryCount, rows, stride, ranks);

    /// <summary>
    /// Ranks of up to <see cref="RowTile"/> rows that lie anywhere, as <see cref="Rank"/> gives them; not for distances. Their sums, each
    /// a chain of additions, are under way at once.
    /// </summary>
    /// <param name="metric">As for <see cref="Rank"/>.</param>
    /// <param name="query">Padded.</param>
    /// <param name="rows"><see cref="RowTile"/> padded rows, the first repeated where there are fewer.</param>
    /// <param name="stride">Floats of a padded row.</param>
    /// <param name="ranks"><see cref="RowTile"/> results.</param>
    public static void RankScattered(Metric metric, float* query, float** rows, int stride, float* ranks)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        for (var i = 0; i < stride; i += Lanes)
        {
            var q = Vector512.LoadAligned(query + i);
            (s0, s1) = (Product.Add(s0, q, Vector512.LoadAligned(r0 + i)), Product.Add(s1, q, Vector512.LoadAligned(r1 + i)));
            (s2, s3) = (Product.Add(s2, q, Vector512.LoadAligned(r2 + i)), Product.Add(s3, q, Vector512.LoadAligned(r3 + i)));
        }
        Store(ranks, s0, s1, s2, s3);
        if (metric == Metric.Cosine)
            Vector128.Clamp(Vector128.Load(ranks), -Vector128<float>.One, Vector128<float>.One).Store(ranks);
    }

    static void Rank<TFetch>(
        Metric metric, float* queries, int queryCount, float* rows, int stride, Span<float> ranks)
        where TFetch : struct, IFetch
    {
        if (metric != Metric.Euclid)
        {
            Fill<Product, TFetch>(queries, queryCount, rows, stride, ranks);
            if (metric == Metric.Cosine)
                Clamp(ranks);
            return;
        }
        Fill<SquaredDifference, TFetch>(queries, queryCount, rows, stride, ranks);
        TensorPrimitives.Sqrt(ranks, ranks);
        TensorPrimitives.Negate(ranks, ranks);
    }

    static void Clamp(Span<float> ranks)
    {
        TensorPrimitives.Min(ranks, 1f, ranks);
        TensorPrimitives.Max(ranks, -1f, ranks);
    }

    static void Fill<TStep, TFetch>(float* queries, int queryCount, float* rows, int stride, Span<float> scores)
        where TStep : struct, IStep
        where TFetch : struct, IFetch
    {
        var rowCount = scores.Length / queryCount;
        fixed (float* output = scores)
        {
            if (queryCount == QueryTile && !Vector512.IsHardwareAccelerated)
            {
                var halves = stackalloc Vector256<float>[NarrowQueries * RowTile];
                for (var row = 0; row < rowCount; row += RowTile)
                    FourByFourNarrow<TStep, TFetch>(queries, rows + (nint)row * stride, stride, output + row, rowCount, halves);
                return;
            }
            if (queryCount == QueryTile)
            {
                for (var row = 0; row < rowCount; row += RowTile)
                    FourByFour<TStep, TFetch>(queries, rows + (nint)row * stride, stride, output + row, rowCount);
                return;
            }
            for (var row = 0; row < rowCount; row++)
                OneByOne<TStep>(queries, rows + (nint)row * stride, stride, output + row);
        }
    }

    /// <summary>
    /// One query reads each row once, at the speed of memory: rows one after another suit the prefetcher better than
    /// four at a time, and the processor overlaps the sums of neighbouring rows by itself.
    /// </summary>
    static void OneByOne<TStep>(float* query, float* row, int stride, float* score)
        where TStep : struct, IStep
    {
        Vector512<float> sum = default;
        for (var i = 0; i < stride; i += Lanes)
            sum = TStep.Add(sum, Vector512.LoadAligned(query + i), Vector512.LoadAligned(row + i));
        *score = Fold(sum);
    }

    static void FourByFour<TStep, TFetch>(float* queries, float* rows, int stride, float* scores, int scoreStride)
        where TStep : struct, IStep
        where TFetch : struct, IFetch
    {
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default, s13 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default;
        Vector512<float> s30 = default, s31 = default, s32 = default, s33 = default;
        var ahead = rows + (nint)PrefetchRows * stride;
        for (var i = 0; i < stride; i += Lanes)
        {
            if (TFetch.Ahead && Sse.IsSupported)
            {
                Sse.Prefetch0(ahead + i);
                Sse.Prefetch0(ahead + stride + i);
                Sse.Prefetch0(ahead + 2 * stride + i);
                Sse.Prefetch0(ahead + 3 * stride + i);
            }
            var r0 = Vector512.LoadAligned(rows + i);
            var r1 = Vector512.LoadAligned(rows + stride + i);
            var r2 = Vector512.LoadAligned(rows + 2 * stride + i);
            var r3 = Vector512.LoadAligned(rows + 3 * stride + i);
            var q = Vector512.LoadAligned(queries + i);
            (s00, s01) = (TStep.Add(s00, q, r0), TStep.Add(s01, q, r1));
            (s02, s03) = (TStep.Add(s02, q, r2), TStep.Add(s03, q, r3));
            q = Vector512.LoadAligned(queries + stride + i);
            (s10, s11) = (TStep.Add(s10, q, r0), TStep.Add(s11, q, r1));
            (s12, s13) = (TStep.Add(s12, q, r2), TStep.Add(s13, q, r3));
            q = Vector512.LoadAligned(queries + 2 * stride + i);
            (s20, s21) = (TStep.Add(s20, q, r0), TStep.Add(s21, q, r1));
            (s22, s23) = (TStep.Add(s22, q, r2), TStep.Add(s23, q, r3));
            q = Vector512.LoadAligned(queries + 3 * stride + i);
            (s30, s31) = (TStep.Add(s30, q, r0), TStep.Add(s31, q, r1));
            (s32, s33) = (TStep.Add(s32, q, r2), TStep.Add(s33, q, r3));
        }
        Store(scores, s00, s01, s02, s03);
        Store(scores + scoreStride, s10, s11, s12, s13);
        Store(scores + 2 * scoreStride, s20, s21, s22, s23);
        Store(scores + 3 * scoreStride, s30, s31, s32, s33);
    }

    /// <summary>
    /// The same sums where registers have 8 lanes and are 16: the 16 running sums of a tile of 2 by 4 pairs in two passes of 8 lanes
    /// each, so that they stay in registers.
    /// </summary>
    static void FourByFourNarrow<TStep, TFetch>(
        float* queries, float* rows, int stride, float* scores, int scoreStride, Vector256<float>* halves)
        where TStep : struct, IStep
        where TFetch : struct, IFetch
    {
        if (TFetch.Ahead && Sse.IsSupported)
            for (var i = 0; i < RowTile * stride; i += Lanes)
                Sse.Prefetch0(rows + (nint)PrefetchRows * stride + i);
        for (var query = 0; query < QueryTile; query += NarrowQueries)
        {
            TwoByFour<TStep>(queries, rows, stride, halves, scores: null, scoreStride);
            TwoByFour<TStep>(queries + Lanes / 2, rows + Lanes / 2, stride, halves, scores, scoreStride);
            queries += NarrowQueries * stride;
            scores += NarrowQueries * scoreStride;
        }
    }

    /// <summary>The sums of 8 of the 16 lanes: kept in `halves` where there are no `scores`, and else added to them and folded.</summary>
    static void TwoByFour<TStep>(float* queries, float* rows, int stride, Vector256<float>* halves, float* scores, int scoreStride)
        where TStep : struct, IStep
    {
        Vector256<float> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector256<float> s10 = default, s11 = default, s12 = default, s13 = default;
        for (var i = 0; i < stride; i += Lanes)
        {
            var r0 = Vector256.LoadAligned(rows + i);
            var r1 = Vector256.LoadAligned(rows + stride + i);
            var r2 = Vector256.LoadAligned(rows + 2 * stride + i);
            var r3 = Vector256.LoadAligned(rows + 3 * stride + i);
            var q = Vector256.LoadAligned(queries + i);
            (s00, s01) = (TStep.Add(s00, q, r0), TStep.Add(s01, q, r1));
            (s02, s03) = (TStep.Add(s02, q, r2), TStep.Add(s03, q, r3));
            q = Vector256.LoadAligned(queries + stride + i);
            (s10, s11) = (TStep.Add(s10, q, r0), TStep.Add(s11, q, r1));
            (s12, s13) = (TStep.Add(s12, q, r2), TStep.Add(s13, q, r3));
        }
        if (scores == null)
        {
            (halves[0], halves[1], halves[2], halves[3]) = (s00, s01, s02, s03);
            (halves[4], halves[5], halves[6], halves[7]) = (s10, s11, s12, s13);
            return;
        }
        scores[0] = Fold(halves[0] + s00);
        scores[1] = Fold(halves[1] + s01);
        scores[2] = Fold(halves[2] + s02);
        scores[3] = Fold(halves[3] + s03);
        scores += scoreStride;
        scores[0] = Fold(halves[4] + s10);
        scores[1] = Fold(halves[5] + s11);
        scores[2] = Fold(halves[6] + s12);
        scores[3] = Fold(halves[7] + s13);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(
        float* scores, Vector512<float> sum0, Vector512<float> sum1, Vector512<float> sum2, Vector512<float> sum3)
    {
        scores[0] = Fold(sum0);
        scores[1] = Fold(sum1);
        scores[2] = Fold(sum2);
        scores[3] = Fold(sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Fold(Vector512<float> sums) => Fold(sums.GetLower() + sums.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Fold(Vector256<float> eight)
    {
        var four = eight.GetLower() + eight.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    interface IFetch
    {
        static abstract bool Ahead { get; }
    }

    readonly struct Fetched : IFetch
    {
        public static bool Ahead => true;
    }

    readonly struct Cached : IFetch
    {
        public static bool Ahead => false;
    }

    interface IStep
    {
        static abstract Vector512<float> Add(Vector512<float> sum, Vector512<float> query, Vector512<float> row);

        static abstract Vector256<float> Add(Vector256<float> sum, Vector256<float> query, Vector256<float> row);
    }

    readonly struct Product : IStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Add(Vector512<float> sum, Vector512<float> query, Vector512<float> row) =>
            Vector512.FusedMultiplyAdd(query, row, sum);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Add(Vector256<float> sum, Vector256<float> query, Vector256<float> row) =>
            Vector256.FusedMultiplyAdd(query, row, sum);
    }

    readonly struct SquaredDifference : IStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Add(Vector512<float> sum, Vector512<float> query, Vector512<float> row)
        {
            var difference = query - row;
            return Vector512.FusedMultiplyAdd(difference, difference, sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Add(Vector256<float> sum, Vector256<float> query, Vector256<float> row)
        {
            var difference = query - row;
            return Vector256.FusedMultiplyAdd(difference, difference, sum);
        }
    }
}
