namespace DataPlane.Http.Http2;

/// <summary>
/// The code that HPACK strings may be in (RFC 7541, appendix B). It is canonical: shorter codes come first, codes of
/// one length in the order of their symbols, so the lengths say everything. Any thread; 0 bytes.
/// </summary>
public static class HuffmanCode
{
    private const int EndOfString = 256;
    private const int LongestBits = 30;
    private const int StepBits = 8;
    private const int StepSize = 1 << StepBits;

    /// <summary>An entry of <see cref="s_steps"/>: the next table instead of a symbol.</summary>
    private const int NextTable = 0x8000;

    // Bits of the code of each octet, and of the end of a string.
    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15,
        6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22,
        20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23,
        23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22,
        22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26,
        27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27,
        26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
    ];

    // Tables of 256 entries, one after the other: eight bits of a code lead to a symbol and the bits it took of them,
    // or to the table for the next eight.
    private static readonly ushort[] s_steps = Build();

    /// <summary>No string gets longer than this: the shortest code has five bits.</summary>
    public static int DecodedBound(int length) => (length * 8 / 5) + 1;

    /// <summary>
    /// False for what is no code: an end of string, or padding that is not the most significant bits of its code, or
    /// longer than seven bits. <paramref name="destination"/> has <see cref="DecodedBound"/> bytes.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        var steps = s_steps;
        ulong held = 0;
        int bits = 0;
        int at = 0;
        written = 0;
        while (true)
        {
            while (bits <= 56 && at < source.Length)
            {
                held |= (ulong)source[at++] << (56 - bits);
                bits += StepBits;
            }
            if (bits == 0) return true;
            // What is missing behind the end reads as zeros, and is refused below when a code would need it.
            int table = 0;
            int used = 0;
            int step;
            while (((step = steps[table + (int)((held << used) >> 56)]) & NextTable) != 0)
            {
                table = (step & ~NextTable) * StepSize;
                used += StepBits;
            }
            used += step >> 9;
            int symbol = step & 0x1ff;
            if (used > bits || symbol == EndOfString) return IsPadding(held, bits);
            destination[written++] = (byte)symbol;
            held <<= used;
            bits -= used;
        }
    }

    /// <summary>RFC 7541, 5.2: at most seven bits, all of them ones.</summary>
    private static bool IsPadding(ulong held, int bits) => bits < StepBits && held >> (64 - bits) == (1UL << bits) - 1;

    private static ushort[] Build()
    {
        var steps = new List<ushort>(new ushort[StepSize]);
        uint code = 0;
        for (int length = 1; length <= LongestBits; length++)
        {
            code <<= 1;
            for (int symbol = 0; symbol <= EndOfString; symbol++)
            {
                if (Lengths[symbol] == length) Add(steps, code++, length, symbol);
            }
        }
        return [.. steps];
    }

    private static void Add(List<ushort> steps, uint code, int length, int symbol)
    {
        int table = 0;
        int left = length;
        for (; left > StepBits; left -= StepBits)
        {
            int place = table + (int)((code >> (left - StepBits)) & (StepSize - 1));
            if (steps[place] == 0)
            {
                steps[place] = (ushort)(NextTable | (steps.Count / StepSize));
                steps.AddRange(new ushort[StepSize]);
            }
            table = (steps[place] & ~NextTable) * StepSize;
        }
        // All that begin with the code.
        int first = (int)(code << (StepBits - left)) & (StepSize - 1);
        for (int each = 0; each < 1 << (StepBits - left); each++)
            steps[table + first + each] = (ushort)((left << 9) | symbol);
    }
}
