using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using DataPlane.Config;

namespace DataPlane.Gateway.Caching.Store;

/// <summary>
/// SipHash-1-3 (Aumasson and Bernstein, 2012) under a key of the process: nobody outside can choose keys that share a
/// chain. Any thread; 0 bytes; about 20 ns for 60 bytes.
/// </summary>
internal readonly struct KeyHash(ulong low, ulong high)
{
    private readonly ulong _v0 = low ^ 0x736f6d6570736575;
    private readonly ulong _v1 = high ^ 0x646f72616e646f6d;
    private readonly ulong _v2 = low ^ 0x6c7967656e657261;
    private readonly ulong _v3 = high ^ 0x7465646279746573;

    /// <summary>A key that nobody knows.</summary>
    public static KeyHash Random() => new(SecretNumber.Next(), SecretNumber.Next());

    public ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong v0 = _v0, v1 = _v1, v2 = _v2, v3 = _v3;
        ulong last = (ulong)bytes.Length << 56;
        while (bytes.Length >= sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            bytes = bytes[sizeof(ulong)..];
        }
        for (int each = 0; each < bytes.Length; each++) last |= (ulong)bytes[each] << (8 * each);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xff;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // keeps the four words in registers
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
