using System.Text;
using System.Text.Json;
using CsCheck;
using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class PointIdTests
{
    const string Uuid = "550e8400-e29b-41d4-a716-446655440000";

    static readonly Gen<PointId> AnyId = Gen.OneOf(
        Gen.ULong.Select(PointId.From),
        Gen.Guid.Select(PointId.From),
        Gen.String[1, 40].Where(IsUnicode).Select(PointId.FromText),
        Gen.ULong[0, 300].Select(n => PointId.DigitsAsText($"{n}")!.Value));

    [Fact]
    public void Key_GivesTheIdBack() => AnyId.Sample(id => Assert.Equal(id, PointId.FromKey(id.ToKey())));

    [Fact]
    public void KeysSortAsIdsDo_NumbersThenUuidsThenStrings() => Gen.Select(AnyId, AnyId).Sample((left, right) =>
    {
        var expected = Math.Sign(Compare(left, right));
        Assert.Equal(expected, Math.Sign(left.ToKey().AsSpan().SequenceCompareTo(right.ToKey())));
        Assert.Equal(expected, Math.Sign(left.CompareTo(right)));
        Assert.Equal(expected == 0, left == right);
    });

    [Fact]
    public void Json_KeepsKindAndValue() => AnyId.Where(id => !Guid.TryParse(id.ToString(), out _)).Sample(id =>
        Assert.Equal(id, JsonSerializer.Deserialize<PointId>(JsonSerializer.Serialize(id))));

    [Fact]
    public void NumberAndItsDigits_AreTwoIds()
    {
        var number = JsonSerializer.Deserialize<PointId>("5");
        var text = JsonSerializer.Deserialize<PointId>("\"5\"");
        Assert.Equal(PointIdKind.Number, number.Kind);
        Assert.Equal(PointIdKind.String, text.Kind);
        Assert.NotEqual(number, text);
        Assert.NotEqual(Home.Of(number.ToKey(), 1024), Home.Of(text.ToKey(), 1024));
    }

    [Theory]
    [InlineData("5", PointIdKind.Number)]
    [InlineData("18446744073709551615", PointIdKind.Number)]
    [InlineData("18446744073709551616", PointIdKind.String)]
    [InlineData("-5", PointIdKind.String)]
    [InlineData("+5", PointIdKind.String)]
    [InlineData(" 5", PointIdKind.String)]
    [InlineData("5.0", PointIdKind.String)]
    [InlineData(Uuid, PointIdKind.Uuid)]
    [InlineData("row-5", PointIdKind.String)]
    public void Path_MeansANumberWhereThereAreDigitsOnly(string text, PointIdKind kind) =>
        Assert.Equal(kind, PointId.FromPath(text).Kind);

    [Theory]
    [InlineData(Uuid, PointIdKind.Uuid)]
    [InlineData("550E8400-E29B-41D4-A716-446655440000", PointIdKind.Uuid)]
    [InlineData("550e8400e29b41d4a716446655440000", PointIdKind.String)]
    [InlineData("{550e8400-e29b-41d4-a716-446655440000}", PointIdKind.String)]
    [InlineData(" 550e8400-e29b-41d4-a716-446655440000", PointIdKind.String)]
    [InlineData("550e8400-e29b-41d4-a716-446655440000\n", PointIdKind.String)]
    [InlineData("0x0e8400-e29b-41d4-a716-446655440000", PointIdKind.String)]
    [InlineData("+50e8400-e29b-41d4-a716-446655440000", PointIdKind.String)]
    public void Uuid_IsOnlyWhatIsWrittenAsOne(string text, PointIdKind kind)
    {
        var id = PointId.FromText(text);
        Assert.Equal(kind, id.Kind);
        Assert.Equal(text, id.ToString(), ignoreCase: kind == PointIdKind.Uuid);
    }

    [Fact]
    public void String_HasAtMost512Utf8Bytes()
    {
        Assert.Equal(513, PointId.FromText(new string('a', 512)).ToKey().Length);
        Assert.Equal(513, PointId.FromText(new string('ö', 256)).ToKey().Length);
        var message = Assert.Throws<FormatException>(() => PointId.FromText(new string('ö', 256) + "a")).Message;
        Assert.Contains("512", message);
        Assert.Contains("513", message);
    }

    [Fact]
    public void StringThatIsNoId_IsRefusedWithTheReason()
    {
        Assert.Contains("empty", Assert.Throws<FormatException>(() => PointId.FromText("")).Message);
        Assert.Contains("surrogate", Assert.Throws<FormatException>(() => PointId.FromText("half \ud83d")).Message);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("18446744073709551616")]
    public void JsonNumberThatIsNoId_IsOutOfRange(string json) =>
        Assert.Contains("18446744073709551615",
            Assert.Throws<ValueOutOfRangeException>(() => JsonSerializer.Deserialize<PointId>(json)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("03")]
    [InlineData("0100")]
    [InlineData("0200000000")]
    [InlineData("09aa")]
    [InlineData("03ff")]
    public void BytesThatAreNoKey_AreRefused(string hex) =>
        Assert.Throws<FormatException>(() => PointId.FromKey(Convert.FromHexString(hex)));

    static bool IsUnicode(string text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(text) > 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>The documented order, without keys: kind, then number, UUID as written, or code points.</summary>
    static int Compare(PointId left, PointId right)
    {
        if (left.Kind != right.Kind)
            return left.Kind.CompareTo(right.Kind);
        return left.Kind switch
        {
            PointIdKind.Number => left.AsNumber().CompareTo(right.AsNumber()),
            PointIdKind.Uuid => string.CompareOrdinal(left.ToString(), right.ToString()),
            _ => CompareCodePoints(left.ToString(), right.ToString()),
        };
    }

    static int CompareCodePoints(string left, string right)
    {
        foreach (var (l, r) in left.EnumerateRunes().Zip(right.EnumerateRunes()))
            if (l != r)
                return l.Value.CompareTo(r.Value);
        return left.EnumerateRunes().Count().CompareTo(right.EnumerateRunes().Count());
    }
}
