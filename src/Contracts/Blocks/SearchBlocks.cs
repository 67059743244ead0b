using System.Text.Json;
using System.Text.Json.Serialization;

namespace VectorDb.Contracts.Blocks;

/// <summary>Searches on their way to the router.</summary>
public sealed class SearchQuestionBlock : JsonConverter<IReadOnlyList<SearchQuestion>>
{
    const int WithPayload = 1, WithVector = 2, Exact = 4;

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<SearchQuestion> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, SearchQuestion question) =>
        {
            block.Number(question.Index);
            block.Bytes(question.Vector);
            block.Text(question.Text);
            block.Number(question.TopK);
            block.Signed(question.ShardsToSearch);
            block.Byte((byte)((question.WithPayload ? WithPayload : 0) | (question.WithVector ? WithVector : 0)
                | (question.Exact ? Exact : 0)));
        });

    public override IReadOnlyList<SearchQuestion> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) =>
        {
            var question = new SearchQuestion
            {
                Index = block.Whole(),
                Vector = block.Bytes(),
                Text = block.Text(),
                TopK = block.Whole(),
                ShardsToSearch = block.Signed(),
            };
            var flags = block.Byte();
            return question with
            {
                WithPayload = (flags & WithPayload) != 0,
                WithVector = (flags & WithVector) != 0,
                Exact = (flags & Exact) != 0,
            };
        });
}

/// <summary>Searches on their way to a shard.</summary>
public sealed class ShardQuestionBlock : JsonConverter<IReadOnlyList<ShardQuestion>>
{
    const int WithPayload = 1, WithVector = 2, Exact = 4;

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<ShardQuestion> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, ShardQuestion question) =>
        {
            block.Number(question.Index);
            block.Bytes(question.Vector);
            block.Number(question.TopK);
            block.Byte((byte)((question.WithPayload ? WithPayload : 0) | (question.WithVector ? WithVector : 0)
                | (question.Exact ? Exact : 0)));
            block.Repeated(question.Asked);
        });

    public override IReadOnlyList<ShardQuestion> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) =>
        {
            var (index, vector, topK, flags) = (block.Whole(), block.RequiredBytes(), block.Whole(), block.Byte());
            return new ShardQuestion
            {
                Index = index,
                Vector = vector,
                TopK = topK,
                WithPayload = (flags & WithPayload) != 0,
                WithVector = (flags & WithVector) != 0,
                Exact = (flags & Exact) != 0,
                Asked = block.RepeatedShards(),
            };
        });
}

/// <summary>A shard's answers on their way to the API, hits included.</summary>
public sealed class ShardAnswerBlock : JsonConverter<IReadOnlyList<ShardAnswer>>
{
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<ShardAnswer> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, ShardAnswer answer) =>
        {
            block.Number(answer.Index);
            block.Repeated(answer.Asked);
            block.Text(answer.Failure);
            block.Number(answer.Hits.Count);
            foreach (var hit in answer.Hits)
                Write(ref block, hit);
        });

    public override IReadOnlyList<ShardAnswer> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) => new ShardAnswer
        {
            Index = block.Whole(),
            Asked = block.RepeatedShards(),
            Failure = block.Text(),
            Hits = ReadHits(ref block),
        });

    static void Write(ref BlockWriter block, FoundPoint hit)
    {
        block.Bytes(hit.Id);
        block.Number(hit.Version);
        block.Single(hit.Score);
        block.Text(hit.Payload);
        block.Text(hit.Text);
        block.Bytes(hit.Vector);
    }

    /// <summary>Hits have no length of their own: what is added to them later stands behind the last one.</summary>
    static List<FoundPoint> ReadHits(ref BlockReader block)
    {
        var hits = new List<FoundPoint>();
        for (var left = block.Whole(); left > 0; left--)
            hits.Add(new()
            {
                Id = block.RequiredBytes(),
                Version = block.Number(),
                Score = block.Single(),
                Payload = block.Text(),
                Text = block.Text(),
                Vector = block.Bytes(),
            });
        return hits;
    }
}
