namespace VectorDb.Cluster.Tests.Processes;

/// <summary>The programs of a system.</summary>
public enum RoleKind
{
    Api,
    Router,
    Shards,
}
