namespace DataPlane.Gateway.Recording.Traces;

/// <summary>One request to an upstream. <paramref name="Url"/> is its endpoint's.</summary>
internal sealed record SpanTry(ulong SpanId, long StartTimestamp, long EndTimestamp, string Upstream, string Url);
