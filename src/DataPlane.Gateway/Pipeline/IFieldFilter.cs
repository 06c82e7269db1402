using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Which fields of a received head are passed on; hop-by-hop fields never are. A struct, so that the copying loop knows
/// it. It says beforehand about which fields nothing has to be asked, and those are nearly all.
/// </summary>
public interface IFieldFilter
{
    /// <summary>Fields that are left out whatever they say.</summary>
    KnownHeaderSet Dropped { get; }

    /// <summary>
    /// Bit n: the filter decides on names of n bytes, modulo 64, by <see cref="Keeps"/>; all others are kept.
    /// </summary>
    ulong AskedLengths { get; }

    /// <summary>Of a field that is neither dropped nor of a length that nobody asks about.</summary>
    bool Keeps(in HeaderField field, ReadOnlySpan<byte> head);
}
