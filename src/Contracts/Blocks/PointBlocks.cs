using System.Text.Json;
using System.Text.Json.Serialization;

namespace VectorDb.Contracts.Blocks;

/// <summary>Points on their way to the router.</summary>
public sealed class StorePointBlock : JsonConverter<IReadOnlyList<StorePoint>>
{
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<StorePoint> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, StorePoint point) =>
        {
            block.Number(point.Ordinal);
            block.Bytes(point.Id);
            block.Bytes(point.Vector);
            block.Text(point.Text);
            block.Text(point.Payload);
            if (point.MovedVersion is { } version)
                block.Number(version);
        });

    public override IReadOnlyList<StorePoint> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) => new StorePoint
        {
            Ordinal = block.Whole(),
            Id = block.RequiredBytes(),
            Vector = block.Bytes(),
            Text = block.Text(),
            Payload = block.Text(),
            MovedVersion = block.IsAtEnd ? null : block.Number(),
        });
}

/// <summary>Rows on their way to a shard.</summary>
public sealed class UpsertPointBlock : JsonConverter<IReadOnlyList<UpsertPoint>>
{
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<UpsertPoint> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, UpsertPoint point) =>
        {
            block.Repeated(point.OperationId);
            block.Number(point.Ordinal);
            block.Repeated(point.ReplyTo);
            block.Bytes(point.Id);
            block.Number(point.Version);
            block.Bytes(point.Vector);
            block.Text(point.Text);
            block.Text(point.Payload);
            block.Repeated(point.OtherPlaces);
            if (point.IsPast)
                block.Byte(1);
        });

    public override IReadOnlyList<UpsertPoint> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) => new UpsertPoint
        {
            OperationId = block.RepeatedGuid(),
            Ordinal = block.Whole(),
            ReplyTo = block.RepeatedUri(),
            Id = block.RequiredBytes(),
            Version = block.Number(),
            Vector = block.RequiredBytes(),
            Text = block.Text(),
            Payload = block.Text(),
            OtherPlaces = block.RepeatedShards(),
            IsPast = !block.IsAtEnd && block.Byte() == 1,
        });
}

/// <summary>What a shard has committed, on its way to whoever waits.</summary>
public sealed class StoredPointBlock : JsonConverter<IReadOnlyList<StoredPoint>>
{
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<StoredPoint> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, StoredPoint point) =>
        {
            block.Repeated(point.OperationId);
            block.Number(point.Ordinal);
            block.Number(point.Version);
            block.Repeated(point.Evicting);
        });

    public override IReadOnlyList<StoredPoint> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) => new StoredPoint
        {
            OperationId = block.RepeatedGuid(),
            Ordinal = block.Whole(),
            Version = block.Number(),
            Evicting = block.RepeatedShards(),
        });
}

/// <summary>Claims on their way to the ids' home.</summary>
public sealed class IdClaimBlock : JsonConverter<IReadOnlyList<IdClaim>>
{
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<IdClaim> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, IdClaim claim) =>
        {
            block.Repeated(claim.OperationId);
            block.Number(claim.Ordinal);
            block.Bytes(claim.Id);
            block.Number(claim.Target);
            if (claim.OnlyIfVersion is { } version)
                block.Number(version);
        });

    public override IReadOnlyList<IdClaim> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) => new IdClaim
        {
            OperationId = block.RepeatedGuid(),
            Ordinal = block.Whole(),
            Id = block.RequiredBytes(),
            Target = block.Whole(),
            OnlyIfVersion = block.IsAtEnd ? null : block.Number(),
        });
}

/// <summary>The home's grants on their way back.</summary>
public sealed class IdGrantBlock : JsonConverter<IReadOnlyList<IdGrant>>
{
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<IdGrant> value, JsonSerializerOptions options) =>
        BlockJson.Write(writer, value, static (ref BlockWriter block, IdGrant grant) =>
        {
            block.Number(grant.Version);
            block.Number(grant.Target);
            block.Repeated(grant.OtherPlaces);
            if (grant.IsPast)
                block.Byte(1);
        });

    public override IReadOnlyList<IdGrant> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        BlockJson.Read(ref reader, options, static (ref BlockReader block) => new IdGrant
        {
            Version = block.Number(),
            Target = block.Whole(),
            OtherPlaces = block.RepeatedShards(),
            IsPast = !block.IsAtEnd && block.Byte() == 1,
        });
}
