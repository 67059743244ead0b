namespace VectorDb.ShardWorker.Sketching;

/// <summary>Whose sketch it is and of when: as <see cref="Contracts.ShardSketched"/> has it.</summary>
public readonly record struct SketchTitle(int Shard, Guid Life, long Revision, int Epoch);
