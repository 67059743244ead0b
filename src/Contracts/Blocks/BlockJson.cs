using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace VectorDb.Contracts.Blocks;

/// <summary>
/// Lists in messages as one string of bytes: a byte for the version, the number of items, the items. A list written as JSON is read
/// too, so that a message can be made by hand.
/// </summary>
public static class BlockJson
{
    /// <summary>Later versions may add values at the end of an item without another number: readers skip what they do not know.</summary>
    const byte Version = 1;

    /// <summary>Writes one item's values.</summary>
    public delegate void WriteItem<in T>(ref BlockWriter writer, T item);

    /// <summary>Reads one item's values, in the order in which they were written.</summary>
    public delegate T ReadItem<out T>(ref BlockReader reader);

    public static void Write<T>(Utf8JsonWriter json, IReadOnlyList<T> items, WriteItem<T> write)
    {
        var writer = new BlockWriter();
        try
        {
            writer.Byte(Version);
            writer.Number(items.Count);
            foreach (var item in items)
            {
                writer.BeginItem();
                write(ref writer, item);
                writer.EndItem();
            }
            json.WriteBase64StringValue(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <exception cref="JsonException">Neither a block nor a list.</exception>
    public static IReadOnlyList<T> Read<T>(ref Utf8JsonReader json, JsonSerializerOptions options, ReadItem<T> read)
    {
        if (json.TokenType == JsonTokenType.StartArray)
            return JsonSerializer.Deserialize<List<T>>(ref json, options)!;
        if (json.TokenType != JsonTokenType.String)
            throw new JsonException("A list of a message is a block of bytes or a JSON list.");
        // Rented, because the block of a full message is a large object and every one of them would bring a full collection nearer.
        byte[]? rented = null;
        try
        {
            return Items(Decoded(ref json, ref rented), read);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    static ReadOnlySpan<byte> Decoded(ref Utf8JsonReader json, ref byte[]? rented)
    {
        if (json.HasValueSequence || json.ValueIsEscaped)
            return json.GetBytesFromBase64();
        rented = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(json.ValueSpan.Length));
        return Base64.DecodeFromUtf8(json.ValueSpan, rented, out _, out var size) == OperationStatus.Done
            ? rented.AsSpan(0, size)
            : throw new FormatException("A block in a message is not base64.");
    }

    static T[] Items<T>(ReadOnlySpan<byte> block, ReadItem<T> read)
    {
        var reader = new BlockReader(block);
        if (reader.Byte() is var version && version != Version)
            throw new FormatException($"A block of version {version} was met and only {Version} is known; upgrade this process.");
        var count = reader.Whole();
        // Each item takes at least its length, so a damaged count cannot ask for more memory than the message has.
        if (count > block.Length / BlockWriter.LengthBytes)
            throw new FormatException("A block in a message is damaged.");
        var items = new T[count];
        for (var i = 0; i < items.Length; i++)
        {
            reader.BeginItem();
            items[i] = read(ref reader);
            reader.EndItem();
        }
        return items;
    }
}
