using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>A receiver of spans that speaks OTLP.</summary>
public sealed record SpanExporterConfig
{
    /// <summary>The receiver's base address; over HTTP, <c>/v1/traces</c> is added when it has no path.</summary>
    public required Uri Otlp { get; init; }

    public bool IsGrpc { get; init; }

    /// <summary>Header fields of every export, which may be secret.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
