using System.Text.Json;
using MassTransit.Serialization;
using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

/// <summary>The binary lists inside messages: bytes that must not change, what a later version may add, and damage.</summary>
public sealed class BlockTests
{
    static readonly Guid Operation = new("00112233-4455-6677-8899-aabbccddeeff");

    /// <summary>
    /// Golden: messages of a running system are in its queues while it is upgraded. Version 1, the number of items, and for each its
    /// length in four bytes and its values; the second operation id, address and places are one byte each.
    /// </summary>
    [Fact]
    public void UpsertPoints_AreTheseBytes() => Assert.Equal(
        "01" + "02"
        + "2f000000" + "01" + "33221100554477668899aabbccddeeff" + "05"
        + "01" + "0b" + Hex("exchange:q"u8) + "02" + "07" + "ac02" + "05" + "0000803f" + "02" + "74" + "03" + "7b7d" + "01" + "01" + "03"
        + "10000000" + "00" + "06" + "00" + "02" + "08" + "ad02" + "05" + "000080bf" + "00" + "00" + "01" + "00",
        BlockOf(new UpsertPoints
        {
            Shard = 1,
            Collection = new() { Dimensions = 1 },
            Epoch = 0,
            ShardCount = 4,
            Points =
            [
                new()
                {
                    OperationId = Operation, Ordinal = 5, ReplyTo = new("exchange:q"), Id = [7], Version = 300,
                    Vector = VectorBytes.From([1f]), Text = "t", Payload = "{}", OtherPlaces = [3],
                },
                new()
                {
                    OperationId = Operation, Ordinal = 6, ReplyTo = new("exchange:q"), Id = [8], Version = 301,
                    Vector = VectorBytes.From([-1f]),
                },
            ],
        }, "points"));

    [Fact]
    public void ShardAnswers_AreTheseBytes() => Assert.Equal(
        "01" + "01"
        + "17000000" + "02" + "01" + "02" + "00" + "03" + "00"
        + "01" + "02" + "07" + "09" + "0000003f" + "03" + "7b7d" + "00" + "05" + "0000803f",
        BlockOf(new ShardSearched
        {
            Shard = 3,
            Answers =
            [
                new()
                {
                    Index = 2,
                    Asked = [0, 3],
                    Hits = [new() { Id = [7], Version = 9, Score = 0.5f, Payload = "{}", Vector = VectorBytes.From([1f]) }],
                },
            ],
        }, "answers"));

    /// <summary>What only moves have comes last, and a message without it is as it was before there were moves.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(300L)]
    public void VersionsOfMoves_ArriveWithPointsAndClaims(long? version)
    {
        var points = new StoreVector { OperationId = Operation, Points = [Moved(7, version), Moved(8, null)] };
        IdClaim[] some = [new() { OperationId = Operation, Ordinal = 1, Id = [7], Target = 2, OnlyIfVersion = version }];
        var claims = new ClaimIds { Shard = 1, Claims = some };
        Assert.Equal([version, null], Sent(points).Points.Select(point => point.MovedVersion));
        Assert.Equal(version, Assert.Single(Sent(claims).Claims).OnlyIfVersion);
    }

    [Fact]
    public void ListWrittenAsJson_IsReadToo()
    {
        var claims = Read<ClaimIds>("{\"shard\":1,\"claims\":[{\"operationId\":\"00112233-4455-6677-8899-aabbccddeeff\","
            + "\"ordinal\":4,\"id\":\"Bw==\",\"target\":2}]}");
        var claim = Assert.Single(claims.Claims);
        Assert.Equal((Operation, 4, 2), (claim.OperationId, claim.Ordinal, claim.Target));
    }

    [Fact]
    public void ValuesAddedByALaterVersion_AreSkipped()
    {
        // Two grants, the first with three more bytes than are known.
        var grants = Read<IdsClaimed>(Message(
            "grants", "0102" + "07000000" + "05" + "01" + "0100" + "aabbcc" + "04000000" + "06" + "02" + "0100"));
        Assert.Equal([(5L, 1), (6L, 2)], grants.Grants.Select(grant => (grant.Version, grant.Target)));
    }

    [Theory]
    [InlineData("02" + "00", "version 2")]
    [InlineData("01" + "05", "damaged")]
    [InlineData("01" + "01" + "ff000000" + "05", "damaged")]
    [InlineData("01" + "01" + "ffffffff" + "05", "damaged")]
    [InlineData("01" + "01" + "02000000" + "05" + "01", "damaged")]
    [InlineData("01" + "01" + "04000000" + "05" + "01" + "01" + "7f", "damaged")]
    [InlineData("01" + "ffffffff07", "damaged")]
    [InlineData("", "damaged")]
    public void DamagedBlock_IsRefused(string hex, string expected) =>
        Assert.Contains(expected, Assert.Throws<JsonException>(() => Read<IdsClaimed>(Message("grants", hex))).Message);

    [Fact]
    public void EveryPrefixOfABlock_IsRefused()
    {
        var hex = BlockOf(new IdsClaimed
        {
            Grants = [new() { Version = 300, Target = 1, OtherPlaces = [2, 3] }, new() { Version = 301, Target = 2, OtherPlaces = [] }],
        }, "grants");
        for (var length = 0; length < hex.Length; length += 2)
            Assert.Throws<JsonException>(() => Read<IdsClaimed>(Message("grants", hex[..length])));
    }

    [Fact]
    public void BlockLargerThanItsFirstBuffer_ArrivesWhole()
    {
        var vectors = Enumerable.Range(0, 64).Select(i => VectorBytes.From([.. Enumerable.Repeat((float)i, 384)])).ToList();
        var sent = new SearchRequest
        {
            Questions = [.. vectors.Select((vector, i) =>
                new SearchQuestion { Index = i, Vector = vector, TopK = 10, ShardsToSearch = SearchQuestion.AutoShards })],
        };
        var arrived = Read<SearchRequest>(JsonSerializer.Serialize(sent, SystemTextJsonMessageSerializer.Options));
        Assert.Equal(vectors, arrived.Questions.Select(question => question.Vector));
        Assert.All(arrived.Questions, question => Assert.Equal(SearchQuestion.AutoShards, question.ShardsToSearch));
    }

    static StorePoint Moved(byte id, long? version) => new() { Ordinal = 0, Id = [id], MovedVersion = version };

    static T Sent<T>(T message) => Read<T>(JsonSerializer.Serialize(message, SystemTextJsonMessageSerializer.Options));

    static string BlockOf<T>(T message, string member)
    {
        var json = JsonSerializer.SerializeToElement(message, SystemTextJsonMessageSerializer.Options);
        return Hex(json.GetProperty(member).GetBytesFromBase64());
    }

    static string Message(string member, string hex) => $"{{\"{member}\":\"{Convert.ToBase64String(Convert.FromHexString(hex))}\"}}";

    static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, SystemTextJsonMessageSerializer.Options)!;

    static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
