using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Tests.Kernels;

/// <summary>That the settings which <see cref="InstructionSetTests"/> relies on do something.</summary>
public sealed class SwitchedOffTests
{
    [Fact]
    public void AnInstructionSetThatIsSwitchedOff_IsNotUsed()
    {
        Assert.False(IsOff("DOTNET_EnableAVX512") && Avx512BW.IsSupported);
        Assert.False(IsOff("DOTNET_EnableAVX2") && Avx2.IsSupported);
        Assert.False(IsOff("DOTNET_EnableHWIntrinsic") && Avx.IsSupported);
    }

    static bool IsOff(string setting) => Environment.GetEnvironmentVariable(setting) == "0";
}
