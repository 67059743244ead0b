using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Benchmarking;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Benchmarking;

public sealed class VectorFileTests : IDisposable
{
    static readonly float[] Numbers = [1, -2, 3.5f, 0, 100, -128];

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NpyFloat32_IsReadInEveryVersion(int version)
    {
        var file = VectorFile.Read(Npy("<f4", "(2, 3)", MemoryMarshal.AsBytes<float>(Numbers), version));
        Assert.Equal((3, 2), (file.Dimensions, file.Count));
        Assert.Equal(Numbers, file.Values);
    }

    [Fact]
    public void NpyFloat16_IsRead() => Assert.Equal(
        Numbers, VectorFile.Read(Npy("<f2", "(3,2)", MemoryMarshal.AsBytes<Half>(Array.ConvertAll(Numbers, x => (Half)x)))).Values);

    [Fact]
    public void NpyInt8_IsRead() => Assert.Equal(
        [1, -2, 127, -128], VectorFile.Read(Npy("|i1", "(2, 2)", [1, 0xFE, 127, 128])).Values);

    [Fact]
    public void Fvecs_IsRead()
    {
        byte[] row = [3, 0, 0, 0, .. MemoryMarshal.AsBytes<float>(Numbers.AsSpan(0, 3))];
        var file = VectorFile.Read(Write("x.fvecs", [.. row, .. row]));
        Assert.Equal((3, 2), (file.Dimensions, file.Count));
        Assert.Equal([.. Numbers[..3], .. Numbers[..3]], file.Values);
    }

    [Theory]
    [InlineData("<f8", "(2, 3)", "are '<f8'; float32")]
    [InlineData(">f4", "(2, 3)", "are '>f4'; float32")]
    [InlineData("<f4", "(6,)", "an array of two dimensions")]
    [InlineData("<f4", "(1, 2, 3)", "an array of two dimensions")]
    [InlineData("<f4", "(2, 4)", "is torn")]
    [InlineData("<f4", "(1, 3)", "is torn")]
    [InlineData("<f4", "(0, 3)", "holds no vectors")]
    [InlineData("<f4", "(9999999999, 3)", "is torn")]
    public void NpyOfAnotherKind_IsRefused(string type, string shape, string message) =>
        Refused(Npy(type, shape, MemoryMarshal.AsBytes<float>(Numbers)), message);

    [Fact]
    public void FortranOrder_IsRefused() =>
        Refused(Npy("<f4", "(2, 3)", MemoryMarshal.AsBytes<float>(Numbers), fortran: "True"), "C order");

    [Fact]
    public void NoNumber_IsRefusedWithItsRow() =>
        Refused(Npy("<f4", "(2, 1)", MemoryMarshal.AsBytes<float>([1, float.NaN])), "row 1 holds NaN");

    [Theory]
    [InlineData("x.npy", "")]
    [InlineData("x.npy", "not numpy at all")]
    [InlineData("x.fvecs", "abc")]
    [InlineData("x.fvecs", "not fvecs at all")]
    [InlineData("x.csv", "1,2,3")]
    public void AnotherFile_IsRefused(string name, string text) => Refused(Write(name, Encoding.ASCII.GetBytes(text)), name);

    [Fact]
    public void MissingFile_IsNamed() => Refused(Path.Combine(_folder.Path, "none.npy"), "There is no file");

    static void Refused(string path, string message) =>
        Assert.Contains(message, Assert.Throws<CommandFailure>(() => VectorFile.Read(path)).Message, StringComparison.Ordinal);

    string Npy(string type, string shape, ReadOnlySpan<byte> numbers, int version = 1, string fortran = "False")
    {
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        var length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        else
            BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        return Write("x.npy", [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. header, .. numbers]);
    }

    string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
