using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Replication;

/// <summary>Where the messages of the log and of copies meet the engine's values.</summary>
static class LogMessages
{
    public static DirectoryChange ChangeOf(DirectoryLogged logged) => new()
    {
        Version = logged.Version,
        Entries = [.. logged.Entries.Select(EntryOf)],
        Claims = [.. logged.Claims.Select(ClaimOf)],
        Outcomes = [.. logged.Outcomes.Select(OutcomeOf)],
        Documents = [.. logged.Documents.Select(document => new NamedDocument(document.Name, document.Bytes))],
    };

    public static DirectoryChange ChangeOf(PageCopied page) => new()
    {
        Version = page.Version,
        Entries = [.. page.Entries.Select(EntryOf)],
        Claims = [.. page.Claims.Select(ClaimOf)],
        Outcomes = [.. page.Outcomes.Select(OutcomeOf)],
        Documents = [.. page.Documents.Select(document => new NamedDocument(document.Name, document.Bytes))],
    };

    public static LoggedEntry Logged(DirectoryEntry entry) => new()
    {
        Id = entry.Key.Bytes,
        Version = entry.Version,
        Deleted = entry.Deleted,
        Places = [.. entry.Places.Select(place => new PlaceOfPoint { Shard = place.Shard, Version = place.Version })],
    };

    public static LoggedClaim Logged(ClaimRecord claim) => new()
    {
        OperationId = claim.Operation,
        Ordinal = claim.Ordinal,
        KeyHash = claim.KeyHash,
        Version = claim.Version,
        Target = claim.Target,
        Existed = claim.Existed,
    };

    public static LoggedDocument Logged(NamedDocument document) => new() { Name = document.Name, Bytes = document.Bytes };

    public static LoggedOutcome Logged(OutcomeRecord outcome) =>
        new() { OperationId = outcome.Operation, Ordinals = outcome.Ordinals, Refusal = outcome.Refusal };

    public static CopiedRow Copied(PointRow row) => new()
    {
        Id = row.Key.Bytes,
        Version = row.Version,
        Epoch = row.Epoch,
        Vector = VectorBytes.From(row.Vector),
        Text = row.Text,
        Payload = row.Payload,
    };

    public static PointRow RowOf(CopiedRow row) => new()
    {
        Key = new PointKey(row.Id),
        Version = row.Version,
        Epoch = row.Epoch,
        Vector = VectorBytes.ToFloats(row.Vector),
        Text = row.Text,
        Payload = row.Payload,
    };

    static DirectoryEntry EntryOf(LoggedEntry entry) => new(
        new PointKey(entry.Id), entry.Version, entry.Deleted, [.. entry.Places.Select(place => new Place(place.Shard, place.Version))]);

    static OutcomeRecord OutcomeOf(LoggedOutcome outcome) => new(outcome.OperationId, outcome.Ordinals, outcome.Refusal);

    static ClaimRecord ClaimOf(LoggedClaim claim) =>
        new(claim.OperationId, claim.Ordinal, claim.KeyHash, claim.Version, claim.Target, claim.Existed);
}
