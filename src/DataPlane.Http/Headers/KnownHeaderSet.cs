namespace DataPlane.Http.Headers;

/// <summary>Some of the known headers, as 128 bits: asking for one costs a shift. Immutable; any thread.</summary>
public readonly record struct KnownHeaderSet(ulong Low, ulong High)
{
    private const int WordBits = 64;

    public static KnownHeaderSet Of(params ReadOnlySpan<KnownHeader> headers)
    {
        var set = default(KnownHeaderSet);
        foreach (var header in headers) set = set.With(header);
        return set;
    }

    public bool Has(KnownHeader known)
    {
        ulong word = (int)known < WordBits ? Low : High;
        return ((word >> ((int)known % WordBits)) & 1) != 0;
    }

    public KnownHeaderSet With(KnownHeader known) => this | Single(known);

    public KnownHeaderSet Without(KnownHeader known) =>
        new(Low & ~Single(known).Low, High & ~Single(known).High);

    public static KnownHeaderSet operator |(KnownHeaderSet left, KnownHeaderSet right) =>
        new(left.Low | right.Low, left.High | right.High);

    private static KnownHeaderSet Single(KnownHeader known)
    {
        ulong bit = 1UL << ((int)known % WordBits);
        return (int)known < WordBits ? new KnownHeaderSet(bit, 0) : new KnownHeaderSet(0, bit);
    }
}
