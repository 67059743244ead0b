using System.Collections;
using System.Reflection;
using System.Text.Json;
using MassTransit.Serialization;
using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

/// <summary>Every record of the contracts, filled with values, through the serializer that the bus uses.</summary>
public sealed class MessageJsonTests
{
    public static TheoryData<Type> Messages() => [.. typeof(StoreVector).Assembly.GetExportedTypes()
        .Where(type => type.IsClass && type.GetMethod("<Clone>$") is not null && type != typeof(PointInput))];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_ArrivesAsItWasSent(Type type)
    {
        var sent = Filled(type, 1);
        var arrived = Travel(sent);
        AssertSame(sent, arrived, type.Name);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void MessageWithoutOptionalMembers_ArrivesWithTheirDefaults(Type type)
    {
        var sent = Filled(type, 1, requiredOnly: true);
        AssertSame(sent, Travel(sent), type.Name);
    }

    [Fact]
    public void ThereAreMessages() => Assert.True(Messages().Count > 40);

    [Fact]
    public void MessageWithoutARequiredMember_IsRefused() => Assert.Throws<JsonException>(() =>
        JsonSerializer.Deserialize<EvictPoint>("{\"ordinal\":1}", SystemTextJsonMessageSerializer.Options));

    [Fact]
    public void MemberFromALaterVersion_IsIgnored() => Assert.Equal(3, JsonSerializer.Deserialize<DescribeShard>(
        "{\"shard\":3,\"colour\":\"red\"}", SystemTextJsonMessageSerializer.Options)!.Shard);

    static object Travel(object message)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), SystemTextJsonMessageSerializer.Options);
        return JsonSerializer.Deserialize(json, message.GetType(), SystemTextJsonMessageSerializer.Options)!;
    }

    static object Filled(Type type, int seed, bool requiredOnly = false)
    {
        var message = Activator.CreateInstance(type)!;
        foreach (var property in Members(type))
        {
            var isRequired = property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
            if (!requiredOnly || isRequired)
                property.SetValue(message, Value(property.PropertyType, ++seed, requiredOnly));
        }
        return message;
    }

    static object Value(Type type, int seed, bool requiredOnly)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(byte[]))
            return new byte[] { (byte)seed, 0, 255, 62 };
        if (type.IsArray || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)))
        {
            var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
            var items = Array.CreateInstance(element, 2);
            for (var i = 0; i < 2; i++)
                items.SetValue(Value(element, seed + (10 * i), requiredOnly), i);
            return items;
        }
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => seed,
            TypeCode.Int64 => long.MaxValue - seed,
            TypeCode.Single => seed + 0.1f,
            TypeCode.Double => seed + 0.1,
            TypeCode.Boolean => true,
            TypeCode.String => $"\"{seed}\" größer < 語 \ud83d\ude00\n",
            _ when type == typeof(Guid) => new Guid(seed, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            _ when type == typeof(Uri) => new Uri($"exchange:vectordb.query-{seed}.replies"),
            _ => Filled(type, seed, requiredOnly),
        };
    }

    static void AssertSame(object? sent, object? arrived, string path)
    {
        if (sent is IEnumerable list and not string)
        {
            var (left, right) = (list.Cast<object>().ToList(), Assert.IsAssignableFrom<IEnumerable>(arrived).Cast<object>().ToList());
            Assert.True(left.Count == right.Count, $"{path} has {right.Count} items instead of {left.Count}");
            for (var i = 0; i < left.Count; i++)
                AssertSame(left[i], right[i], $"{path}[{i}]");
        }
        else if (sent is not null && sent.GetType().Namespace == typeof(StoreVector).Namespace)
        {
            foreach (var property in Members(sent.GetType()))
                AssertSame(property.GetValue(sent), property.GetValue(arrived), $"{path}.{property.Name}");
        }
        else
        {
            Assert.True(Equals(sent, arrived), $"{path} is {arrived} instead of {sent}");
        }
    }

    static IEnumerable<PropertyInfo> Members(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);
}
