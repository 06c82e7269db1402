namespace DataPlane.Http;

/// <summary>Bounds of one head. <paramref name="HeadBytes"/> counts everything up to and including the empty line,
/// <paramref name="LineBytes"/> one line without its CRLF, <paramref name="FieldCount"/> field lines.</summary>
public readonly record struct HeadLimits(int HeadBytes, int LineBytes, int FieldCount)
{
    /// <summary>32 KiB, 8 KiB per line, 100 fields: the bounds most servers share, so that a head we take is one
    /// that upstreams take too.</summary>
    public static HeadLimits Default => new(32 * 1024, 8 * 1024, 100);
}
