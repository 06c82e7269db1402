using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// What every line of a route, an endpoint or an outcome says in the same words, as members of a JSON object: escaped
/// at the first line and copied from then on. One loop's; 0 bytes once a route and an endpoint are known.
/// </summary>
internal sealed class LogFragments(LogRules rules)
{
    private static readonly byte[][] s_outcomes = RenderOutcomes();

    private readonly ShardRows<LogRoute> _routes = new();
    private readonly ShardRows<LogFragment> _endpoints = new();

    /// <summary><c>,"outcome":"..."</c> and, when somebody is to blame, <c>,"side":"..."</c>. Any thread.</summary>
    public static ReadOnlySpan<byte> Of(ExchangeOutcome outcome) => s_outcomes[(int)outcome];

    public LogRoute Of(Route route)
    {
        byte[] key = route.IdUtf8;
        var known = _routes.Find(route.StateIndex);
        return known is not null && ReferenceEquals(known.Key, key) ? known : Add(route, key);
    }

    /// <summary><c>,"upstream":"...","endpoint":"...","tries":</c>.</summary>
    public ReadOnlySpan<byte> Of(UpstreamEndpoint endpoint)
    {
        byte[] key = endpoint.AddressUtf8;
        var known = _endpoints.Find(endpoint.StateIndex);
        if (known is null || !ReferenceEquals(known.Key, key)) known = Add(endpoint, key);
        return known.Json;
    }

    private LogRoute Add(Route route, byte[] key)
    {
        var added = new LogRoute
        {
            Key = key,
            Json = [.. ",\"route\":\""u8, .. LogEscapes.RenderJson(key, RecordingLimits.NameBytes), (byte)'"'],
            Threshold = rules.ThresholdOf(route),
            HiddenCaptures = rules.HiddenCapturesOf(route),
        };
        _routes.Put(route.StateIndex, added);
        return added;
    }

    private LogFragment Add(UpstreamEndpoint endpoint, byte[] key)
    {
        var added = new LogFragment(key,
        [
            .. ",\"upstream\":\""u8,
            .. LogEscapes.RenderJson(endpoint.UpstreamNameUtf8, RecordingLimits.NameBytes),
            .. "\",\"endpoint\":\""u8,
            .. LogEscapes.RenderJson(key, RecordingLimits.EndpointBytes),
            .. "\",\"tries\":"u8,
        ]);
        _endpoints.Put(endpoint.StateIndex, added);
        return added;
    }

    private static byte[][] RenderOutcomes() =>
    [
        .. Enum.GetValues<ExchangeOutcome>().Select(ErrorTable.Of).Select(entry => (byte[])
        [
            .. ",\"outcome\":\""u8, .. entry.LabelUtf8, (byte)'"',
            .. entry.Side == FaultSide.None ? [] : (byte[])
                [.. ",\"side\":\""u8, .. FaultSides.LabelOf(entry.Side), (byte)'"'],
        ]),
    ];
}
