using System.Runtime.InteropServices;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Upstreams.Balancing;

/// <summary>
/// Pseudo-random numbers for choices, one generator per loop (SplitMix64: Steele, Lea, Flood, 2014). Not for secrets.
/// Loop thread; 0 bytes.
/// </summary>
internal sealed class LoopRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private readonly State[] _states;

    public LoopRandom(int loopCount, ulong seed)
    {
        _states = new State[loopCount];
        for (int loop = 0; loop < loopCount; loop++) _states[loop].Value = Hashing.Mix(seed + (ulong)loop);
    }

    /// <summary>From 0 to below <paramref name="bound"/>.</summary>
    public int Next(EventLoop loop, int bound)
    {
        ref var state = ref _states[loop.Index];
        state.Value += Gamma;
        // Multiply and shift instead of a division (Lemire, 2019); the bias of a small bound is below 2^-20.
        return (int)(((Hashing.Mix(state.Value) >> 32) * (ulong)bound) >> 32);
    }

    /// <summary>Padded: neighbouring loops must not share a cache line.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct State
    {
        [FieldOffset(0)]
        public ulong Value;
    }
}
