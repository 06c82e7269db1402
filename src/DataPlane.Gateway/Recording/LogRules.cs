using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>The compiled <c>accessLog</c>: shares as thresholds, names as bytes. Immutable; any thread.</summary>
internal sealed class LogRules
{
    /// <summary>Of 2^32 draws, all are taken.</summary>
    public const ulong All = 1UL << 32;

    private readonly Dictionary<string, ulong> _routes;
    private readonly HashSet<string> _hiddenCaptures;
    private readonly byte[][] _hiddenQuery;
    private readonly HashSet<string> _hiddenFields;

    public LogRules(AccessLogConfig config)
    {
        var sample = config.Sample;
        Default = ThresholdOf(sample.Default);
        Errors = ThresholdOf(sample.Errors);
        ClientErrors = sample.ClientErrors is { } share ? ThresholdOf(share) : null;
        _routes = sample.Routes.ToDictionary(
            each => each.Route, each => ThresholdOf(each.Share), StringComparer.Ordinal);
        TakesAll = Default == All && Errors == All && ClientErrors is null or All
            && _routes.Values.All(each => each == All);
        LogsQuery = config.Query;
        _hiddenCaptures = config.Redact.Captures.ToHashSet(StringComparer.OrdinalIgnoreCase);
        _hiddenFields = LogRedactionConfig.StandardHeaders.Concat(config.Redact.Headers)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        _hiddenQuery =
        [
            .. LogRedactionConfig.StandardQuery.Concat(config.Redact.Query)
                .Select(name => Encoding.UTF8.GetBytes(name.ToLowerInvariant())),
        ];
    }

    /// <summary>Nothing needs to be drawn.</summary>
    public bool TakesAll { get; }

    public ulong Default { get; }

    public ulong Errors { get; }

    /// <summary>Null: like all others.</summary>
    public ulong? ClientErrors { get; }

    public bool LogsQuery { get; }

    /// <summary>Of 2^32 draws, how many of a route's exchanges are taken when nothing went wrong.</summary>
    public ulong ThresholdOf(Route? route) =>
        route is not null && _routes.TryGetValue(route.Id, out ulong threshold) ? threshold : Default;

    /// <summary>A bit for each of the route's captures, from the first, that is not to be shown.</summary>
    public uint HiddenCapturesOf(Route route)
    {
        uint hidden = 0;
        for (int each = 0; each < route.CaptureNames.Length; each++)
        {
            if (_hiddenCaptures.Contains(route.CaptureNames[each])) hidden |= 1u << each;
        }
        return hidden;
    }

    public bool HidesCapture(string name) => _hiddenCaptures.Contains(name);

    public bool HidesField(string name) => _hiddenFields.Contains(name);

    /// <summary>Compares as the upstream would read the name: percent-encoded letters are letters. 0 bytes.</summary>
    public bool HidesParameter(ReadOnlySpan<byte> name)
    {
        foreach (byte[] hidden in _hiddenQuery)
        {
            if (name.Length >= hidden.Length && IsSame(name, hidden)) return true;
        }
        return false;
    }

    private static bool IsSame(ReadOnlySpan<byte> written, byte[] name)
    {
        int at = 0;
        foreach (byte expected in name)
        {
            if (at == written.Length) return false;
            byte each = written[at++];
            if (each == '%' && at + 2 <= written.Length
                && byte.TryParse(
                    written.Slice(at, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte decoded))
            {
                each = decoded;
                at += 2;
            }
            if ((each is >= (byte)'A' and <= (byte)'Z' ? each | 0x20 : each) != expected) return false;
        }
        return at == written.Length;
    }

    private static ulong ThresholdOf(double share) => (ulong)(Math.Clamp(share, 0, 1) * All);
}
