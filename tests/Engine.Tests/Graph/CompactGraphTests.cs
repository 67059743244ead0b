namespace VectorDb.Engine.Tests.Graph;

/// <summary>What holds for the fast graph holds for the compact one.</summary>
public sealed class CompactRecallTests : GraphRecallTests
{
    protected override bool IsCompact => true;

    /// <summary>Copies fill the list of candidates; estimates of the same distance differ, and let others in.</summary>
    protected override double RecallAmongCopies => 0.9;
}

public sealed class CompactSearchTests : GraphSearchTests
{
    protected override bool IsCompact => true;
}

public sealed class CompactChurnTests : GraphChurnTests
{
    protected override bool IsCompact => true;
}

public sealed class CompactCheckpointTests : GraphCheckpointTests
{
    protected override bool IsCompact => true;
}
