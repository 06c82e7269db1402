using System.Text;
using DataPlane.Http.Headers;

namespace DataPlane.Http.Requests;

/// <summary>One parsed request head, as offsets from its first byte; <see cref="RequestHeadParser"/> fills it. One per
/// connection, used again after <see cref="Reset"/>. Everything here is meaningful after
/// <see cref="ParseStatus.Complete"/> only (after Invalid only <see cref="Fault"/>), and ranges are good as long as the
/// caller keeps the head's bytes.</summary>
public sealed class RequestHead
{
    public RequestMethod Method { get; internal set; }

    public ByteRange MethodRange { get; internal set; }

    public ByteRange TargetRange { get; internal set; }

    public TargetForm Form { get; internal set; }

    /// <summary>The raw path without the query. Empty, meaning <c>/</c>, for an absolute-form without a path;
    /// <c>*</c> for the asterisk-form.</summary>
    public ByteRange PathRange { get; internal set; }

    /// <summary>The path is known to be its own <see cref="CanonicalPath"/>; false says nothing.</summary>
    public bool HasPlainPath { get; internal set; }

    /// <summary>Without the question mark.</summary>
    public ByteRange QueryRange { get; internal set; }

    /// <summary>True for <c>/a?</c> too, whose query is empty.</summary>
    public bool HasQuery { get; internal set; }

    /// <summary>The host as sent, port included. The authority of an absolute-form wins over Host (RFC 9112 3.2.2).
    /// Empty only in HTTP/1.0.</summary>
    public ByteRange HostRange { get; internal set; }

    /// <summary>The host without its port and trailing dot.</summary>
    public ByteRange HostNameRange { get; internal set; }

    /// <summary>-1 when the client named none.</summary>
    public int HostPort { get; internal set; } = -1;

    /// <summary>0 or 1.</summary>
    public byte VersionMinor { get; internal set; }

    public ReadOnlySpan<HeaderField> Fields => Section.Fields;

    public int FieldCount => Section.Count;

    /// <summary>Decided once, here. <see cref="BodyFraming.Length"/> with 0 bytes when the client wrote
    /// <c>Content-Length: 0</c>; never <see cref="BodyFraming.UntilClose"/>.</summary>
    public BodyFraming Framing { get; internal set; }

    /// <summary>Bytes; 0 unless the framing is <see cref="BodyFraming.Length"/>. To be written upstream instead of the
    /// field's own digits, which may have leading zeros.</summary>
    public long ContentLength => Section.ContentLength;

    public bool HasBody => Framing == BodyFraming.Chunked || ContentLength > 0;

    /// <summary>The client wants the connection kept open after the response.</summary>
    public bool KeepAlive { get; internal set; }

    /// <summary>The client waits for 100 before it sends its body. Never in HTTP/1.0 (RFC 9110 10.1.1).</summary>
    public bool ExpectContinue { get; internal set; }

    /// <summary>HTTP/1.1, an Upgrade field, and Connection names it (RFC 9110 7.8).</summary>
    public bool HasUpgrade { get; internal set; }

    /// <summary>Bytes up to and including the empty line; what follows is the body or the next request.</summary>
    public int HeadLength { get; internal set; }

    public RequestFault Fault { get; internal set; }

    internal FieldSection Section { get; } = new();

    internal RequestStage Stage { get; set; }

    internal bool IsHttpsTarget { get; set; }

    internal bool HasHost { get; set; }

    /// <summary>
    /// Refuses a head before the parser sees it, for what only the protocol that carried it knows to be wrong.
    /// </summary>
    public void Refuse(RequestFault fault)
    {
        Fault = fault;
        Stage = RequestStage.Ended;
    }

    /// <summary>Makes the object ready for another head. Keeps the field array.</summary>
    public void Reset()
    {
        Section.Reset();
        Stage = RequestStage.Start;
        Method = RequestMethod.Other;
        MethodRange = default;
        TargetRange = default;
        Form = TargetForm.Origin;
        PathRange = default;
        HasPlainPath = false;
        QueryRange = default;
        HasQuery = false;
        HostRange = default;
        HostNameRange = default;
        HostPort = -1;
        VersionMinor = 0;
        Framing = BodyFraming.None;
        KeepAlive = false;
        ExpectContinue = false;
        HasUpgrade = false;
        HeadLength = 0;
        Fault = RequestFault.None;
        IsHttpsTarget = false;
        HasHost = false;
    }

    public bool Has(KnownHeader known) => Section.Has(known);

    /// <summary>The client asks for trailers by <c>TE: trailers</c> (RFC 9110 10.1.4).</summary>
    public bool TakesTrailers(ReadOnlySpan<byte> headBytes)
    {
        if (!Has(KnownHeader.Te)) return false;
        foreach (ref readonly var field in Fields)
        {
            if (field.Known != KnownHeader.Te) continue;
            var codings = field.Value(headBytes);
            while (ListMembers.TryTake(ref codings, out var coding))
            {
                if (Ascii.EqualsIgnoreCase(coding, "trailers"u8)) return true;
            }
        }
        return false;
    }

    /// <summary>The first field of that name; absent names are answered without a search.</summary>
    public bool TryFind(KnownHeader known, out HeaderField field) => Section.TryFind(known, out field);

    /// <summary>Compares every name, ignoring case: for names that are not a <see cref="KnownHeader"/>.</summary>
    public bool TryFind(ReadOnlySpan<byte> headBytes, ReadOnlySpan<byte> name, out HeaderField field) =>
        Section.TryFind(headBytes, name, out field);
}
