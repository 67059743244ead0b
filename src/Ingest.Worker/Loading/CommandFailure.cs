namespace VectorDb.IngestWorker.Loading;

/// <summary>
/// A command cannot go on, and the message says why and what to do about it in one or two lines.
/// Shown as it stands on standard error; never used for a fault of this program itself.
/// </summary>
public sealed class CommandFailure(string message, Exception? cause = null) : Exception(message, cause);
