using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// What this process still waits for before it can serve. Each role adds a source that names what it lacks at the moment it is
/// asked; `/readyz` answers 200 only when no source lacks anything. Thread-safe.
/// </summary>
public sealed class Readiness : IHealthCheck
{
    readonly ConcurrentBag<Func<IEnumerable<string>>> _sources = [];

    /// <summary>The first thing that failed for good and stops the process; null while nothing has.</summary>
    public Exception? Failure { get; private set; }

    public bool IsReady => Reasons.Count == 0;

    /// <summary>What is lacking, each a sentence for people.</summary>
    public IReadOnlyList<string> Reasons => Failure is null
        ? [.. _sources.SelectMany(source => source()).Order(StringComparer.Ordinal)]
        : [Failure.Message];

    /// <summary>`lacking` is called often and from any thread: it must be quick and not throw.</summary>
    public void AddSource(Func<IEnumerable<string>> lacking) => _sources.Add(lacking);

    public void Fail(Exception failure) => Failure ??= failure;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var reasons = Reasons;
        return Task.FromResult(
            reasons.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join(" ", reasons)));
    }
}
