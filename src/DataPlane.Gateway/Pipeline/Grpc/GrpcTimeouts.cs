using System.Buffers.Text;

namespace DataPlane.Gateway.Pipeline.Grpc;

/// <summary>
/// The grpc-timeout field: at most eight digits and a unit. Source: grpc/doc/PROTOCOL-HTTP2.md. 0 bytes; any thread.
/// </summary>
public static class GrpcTimeouts
{
    private const int MostDigits = 8;

    /// <summary>Milliseconds, rounded up and at least 1; false for what is no timeout.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out int milliseconds)
    {
        milliseconds = 0;
        if (value.Length is < 2 or > MostDigits + 1) return false;
        var digits = value[..^1];
        bool isNumber = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
        if (!isNumber || !Utf8Parser.TryParse(digits, out long number, out _)) return false;
        long nanoseconds = value[^1] switch
        {
            (byte)'H' => 3_600_000_000_000,
            (byte)'M' => 60_000_000_000,
            (byte)'S' => 1_000_000_000,
            (byte)'m' => 1_000_000,
            (byte)'u' => 1_000,
            (byte)'n' => 1,
            _ => 0,
        };
        if (nanoseconds == 0) return false;
        // The largest, 99,999,999 hours, would not fit 64 bits of nanoseconds.
        double most = Math.Ceiling((double)number * nanoseconds / 1_000_000);
        milliseconds = (int)Math.Clamp(most, 1, int.MaxValue / 2);
        return true;
    }
}
