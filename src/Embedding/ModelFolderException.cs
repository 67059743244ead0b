namespace VectorDb.Embedding;

/// <summary>
/// A model cannot be used: unknown, missing, damaged, or unreadable. The message names the file, what is wrong with it,
/// what to fetch and where to put it, so that it can be shown to a user as it stands.
/// </summary>
public sealed class ModelFolderException : Exception
{
    public ModelFolderException(string message)
        : base(message)
    {
    }

    public ModelFolderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
