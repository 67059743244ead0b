using VectorDb.Engine;

namespace VectorDb.TestKit;

/// <summary>
/// Rows in a dictionary, and nearest neighbours by arithmetic in double over all of them: slow, and written without any
/// code of the engine.
/// </summary>
public sealed class ExactOracle(Metric metric)
{
    readonly SortedDictionary<PointKey, (long Version, float[] Vector)> _rows = [];

    public int Count => _rows.Count;

    public IEnumerable<PointKey> Keys => _rows.Keys;

    public void Set(PointKey key, long version, float[] vector) => _rows[key] = (version, vector);

    public void Remove(PointKey key) => _rows.Remove(key);

    /// <summary>The score of every row, best first, equal ones by key.</summary>
    public IReadOnlyList<(PointKey Key, double Score)> Scores(float[] query) =>
        [.. _rows.Select(row => (row.Key, Score: Score(query, row.Value.Vector)))
            .OrderBy(row => metric == Metric.Euclid ? row.Score : -row.Score).ThenBy(row => row.Key)];

    /// <summary>
    /// Null when <paramref name="hits"/> is a right answer: the right number of live rows of the right version, scores
    /// within
    /// <paramref name="tolerance"/>, in order, equal scores by key, and no row left out that is better or that ties
    /// with a smaller key. Else what is wrong.
    /// </summary>
    public string? Fault(SearchHit[] hits, float[] query, int topK, double tolerance)
    {
        var scores = Scores(query);
        if (hits.Length != Math.Min(topK, scores.Count))
            return $"{hits.Length} hits instead of {Math.Min(topK, scores.Count)}";
        var expected = scores.ToDictionary(row => row.Key, row => row.Score);
        for (var i = 0; i < hits.Length; i++)
        {
            var hit = hits[i];
            if (!_rows.TryGetValue(hit.Key, out var row) || row.Version != hit.Version)
                return $"hit {i}, {hit.Key} version {hit.Version}, is not a live row";
            if (!(Math.Abs(hit.Score - expected[hit.Key]) <= tolerance))
                return $"hit {i}, {hit.Key}, has score {hit.Score} instead of {expected[hit.Key]}";
            if (i > 0 && !InOrder(hits[i - 1], hit))
                return $"hits {i - 1} and {i} are out of order: {hits[i - 1]}, {hit}";
        }
        return LeftOut(hits, scores, tolerance);
    }

    string? LeftOut(SearchHit[] hits, IReadOnlyList<(PointKey Key, double Score)> scores, double tolerance)
    {
        if (hits.Length == 0)
            return null;
        var found = hits.Select(hit => hit.Key).ToHashSet();
        var last = hits[^1];
        foreach (var (key, score) in scores.Where(row => !found.Contains(row.Key)))
        {
            var ahead = metric == Metric.Euclid ? last.Score - score : score - last.Score;
            if (ahead > 2 * tolerance || (tolerance == 0 && ahead == 0 && key < last.Key))
                return $"{key} with score {score} was left out for {last.Key} with {last.Score}";
        }
        return null;
    }

    bool InOrder(SearchHit first, SearchHit second)
    {
        var ahead = metric == Metric.Euclid ? second.Score - first.Score : first.Score - second.Score;
        return ahead > 0 || (ahead == 0 && first.Key < second.Key);
    }

    double Score(float[] left, float[] right)
    {
        double product = 0, squaredDistance = 0, leftSquare = 0, rightSquare = 0;
        for (var i = 0; i < left.Length; i++)
        {
            product += (double)left[i] * right[i];
            squaredDistance += ((double)left[i] - right[i]) * ((double)left[i] - right[i]);
            leftSquare += (double)left[i] * left[i];
            rightSquare += (double)right[i] * right[i];
        }
        return metric switch
        {
            Metric.Cosine => product / Math.Sqrt(leftSquare) / Math.Sqrt(rightSquare),
            Metric.Dot => product,
            // The score is a float32, so the oracle rounds the root too: equal roots are ties.
            _ => (float)Math.Sqrt(squaredDistance),
        };
    }
}
