using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace DataPlane.Benchmarks.Gate;

/// <summary>Allocates a known number of bytes per call: the gate's proof that its meter works.</summary>
public class KnownAllocation
{
    /// <summary>An array of 8 bytes on a 64-bit runtime: header, method table, length, and the bytes.</summary>
    internal const int Bytes = 32;

    // NoInlining: an array that does not escape may end up on the stack.
    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte[] Allocate() => new byte[8];
}
