using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Which exchanges become spans, and where these go.</summary>
public sealed record TracingConfig
{
    /// <summary>Of traces that start here, 0 to 1.</summary>
    public double Sample { get; init; } = 0.01;

    /// <summary>A caller's own decision holds for its exchange.</summary>
    public bool FollowsParent { get; init; } = true;

    /// <summary>X-Amzn-Trace-Id is accepted and passed on.</summary>
    public bool XRay { get; init; }

    /// <summary>W3C traceparent and tracestate are, unless <c>forwarding.traceContext</c> is off.</summary>
    public bool W3C { get; init; } = true;

    /// <summary>service.name of every span.</summary>
    public string Service { get; init; } = "dataplane";

    /// <summary>Null: no spans are made.</summary>
    public SpanExporterConfig? Exporter { get; init; }
}
