using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Ids that nobody else has, as lower-case hex digits; not for secrets. xoroshiro128++ (Blackman and Vigna, 2021), of
/// its own for each exchange of the pool: the generator all threads share costs a look at thread statics each time.
/// Loop thread; 0 bytes.
/// </summary>
internal sealed class RandomIds
{
    /// <summary>Digits written at once.</summary>
    public const int Digits = 16;

    private static readonly Vector128<byte> s_digits = Vector128.Create("0123456789abcdef"u8);

    private ulong _first;
    private ulong _second;

    public RandomIds()
    {
        Span<ulong> seed = stackalloc ulong[2];
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(seed));
        _first = seed[0];
        // All zeros would stay so.
        _second = seed[1] | 1;
    }

    /// <summary>Writes <see cref="Digits"/> digits, not all of them zeros.</summary>
    public void Write(Span<byte> destination)
    {
        // The last digit is odd: the first ones decide about sampling.
        ulong random = Next() | 1UL << 60;
        // Which digit comes first says nothing in a random number: the low halves of its bytes, then the high ones.
        var halves = Vector128.Create(random, random >> 4).AsByte() & Vector128.Create((byte)0x0f);
        Vector128.Shuffle(s_digits, halves).CopyTo(destination);
    }

    private ulong Next()
    {
        ulong first = _first;
        ulong second = _second ^ first;
        ulong next = BitOperations.RotateLeft(first + _second, 17) + first;
        _first = BitOperations.RotateLeft(first, 49) ^ second ^ (second << 21);
        _second = BitOperations.RotateLeft(second, 28);
        return next;
    }
}
