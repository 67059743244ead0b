namespace VectorDb.ServiceDefaults;

/// <summary>Which failures of a role are no fault of the message that met them.</summary>
public sealed record FailurePolicy
{
    /// <summary>The message is kept and tried again until it succeeds.</summary>
    public Func<Exception, bool> WillPass { get; init; } = _ => false;

    /// <summary>Not tried again here: what stands before the endpoint deals with it.</summary>
    public Func<Exception, bool> IsForOthers { get; init; } = _ => false;
}
