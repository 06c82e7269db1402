using System.Runtime.InteropServices;

namespace DataPlane.Config;

/// <summary>
/// Seeds that nobody outside can know, from the system's own generator. <c>RandomNumberGenerator</c> would load OpenSSL
/// for them: 6 MB of a process that may never need it otherwise.
/// </summary>
public static class SecretNumber
{
    /// <summary>64 random bits. Any thread; 0 bytes.</summary>
    public static ulong Next()
    {
        // The runtime draws these from the kernel's generator. 6 of the 128 bits are fixed (RFC 9562, 5.4), each beside
        // a random one.
        var drawn = Guid.NewGuid();
        var halves = MemoryMarshal.Cast<Guid, ulong>(new ReadOnlySpan<Guid>(ref drawn));
        return halves[0] ^ halves[1];
    }
}
