using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Http.Responses;

/// <summary>One parsed response head, as offsets from its first byte; <see cref="ResponseHeadParser"/> fills it. One
/// per upstream connection, used again after <see cref="Reset"/>, also between an interim response and the final one.
/// Meaningful after <see cref="ParseStatus.Complete"/> only (after Invalid only <see cref="Fault"/>).</summary>
public sealed class ResponseHead
{
    /// <summary>100 to 999. 1xx is interim and followed by another head, except 101, which ends HTTP here.</summary>
    public int StatusCode { get; internal set; }

    /// <summary>May be empty.</summary>
    public ByteRange ReasonRange { get; internal set; }

    /// <summary>0 or 1.</summary>
    public byte VersionMinor { get; internal set; }

    public ReadOnlySpan<HeaderField> Fields => Section.Fields;

    public int FieldCount => Section.Count;

    /// <summary>RFC 9112 6.3: None for 1xx, 204, 304 and answers to HEAD whatever the fields say.</summary>
    public BodyFraming Framing { get; internal set; }

    /// <summary>True also where there is no body: a HEAD or 304 says how long the body would be.</summary>
    public bool HasContentLength => Section.HasContentLength;

    /// <summary>Bytes; 0 without the field. The body's length only if the framing is
    /// <see cref="BodyFraming.Length"/>.</summary>
    public long ContentLength => Section.ContentLength;

    /// <summary>The connection may carry another exchange after this body; never with
    /// <see cref="BodyFraming.UntilClose"/>.</summary>
    public bool KeepAlive { get; internal set; }

    /// <summary>Bytes up to and including the empty line; what follows is the body or the next head.</summary>
    public int HeadLength { get; internal set; }

    public ResponseFault Fault { get; internal set; }

    internal FieldSection Section { get; } = new();

    internal ResponseStage Stage { get; set; }

    /// <summary>Makes the object ready for another head. Keeps the field array.</summary>
    public void Reset()
    {
        Section.Reset();
        Stage = ResponseStage.Status;
        StatusCode = 0;
        ReasonRange = default;
        VersionMinor = 0;
        Framing = BodyFraming.None;
        KeepAlive = false;
        HeadLength = 0;
        Fault = ResponseFault.None;
    }

    public bool Has(KnownHeader known) => Section.Has(known);

    /// <summary>The first field of that name; absent names are answered without a search.</summary>
    public bool TryFind(KnownHeader known, out HeaderField field) => Section.TryFind(known, out field);

    /// <summary>Compares every name, ignoring case: for names that are not a <see cref="KnownHeader"/>.</summary>
    public bool TryFind(ReadOnlySpan<byte> headBytes, ReadOnlySpan<byte> name, out HeaderField field) =>
        Section.TryFind(headBytes, name, out field);
}
