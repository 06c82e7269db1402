using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Headers;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>Which fields of a client's request its upstream gets as the client sent them.</summary>
internal readonly struct RequestFieldFilter : IFieldFilter
{
    private static readonly KnownHeaderSet s_conditions = KnownHeaderSet.Of(
        KnownHeader.IfNoneMatch, KnownHeader.IfModifiedSince, KnownHeader.IfRange, KnownHeader.Range);

    private readonly ForwardingSettings _forwarding;
    private readonly HeaderRules? _rules;
    private readonly bool _isTrusted;

    public RequestFieldFilter(Exchange exchange)
    {
        _forwarding = exchange.Snapshot.Forwarding;
        _rules = exchange.RequestRules;
        _isTrusted = exchange.Client.IsTrusted;
        var dropped = _forwarding.DroppedFields(_isTrusted);
        if (exchange.Trace.ContinuesTrace) dropped = dropped.Without(KnownHeader.TraceState);
        if (exchange.Conditions is not null) dropped |= s_conditions;
        ulong asked = _forwarding.AskedLengths(_isTrusted);
        if (_rules is not null)
        {
            dropped |= _rules.RemovedKnown;
            asked |= _rules.RemovedLengths;
        }
        Dropped = dropped;
        AskedLengths = asked;
    }

    public KnownHeaderSet Dropped { get; }

    public ulong AskedLengths { get; }

    public bool Keeps(in HeaderField field, ReadOnlySpan<byte> head)
    {
        var name = field.Name(head);
        if (field.Known == KnownHeader.Other && !IsTheirs(name)) return false;
        return _rules is null || !_rules.Removes(field.Known, name);
    }

    // A certificate that nobody has looked at must not pass for one that was proved.
    private bool IsTheirs(ReadOnlySpan<byte> name) => name.Length switch
    {
        15 when _forwarding.XRay => !Ascii.EqualsIgnoreCase(name, "x-amzn-trace-id"u8),
        23 => (_isTrusted && !_forwarding.ClientCertificate)
            || !Ascii.EqualsIgnoreCase(name, "x-forwarded-client-cert"u8),
        _ => true,
    };
}
