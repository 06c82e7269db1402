using DataPlane.Config.Tls;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>The TLS of an upstream, as far as all its endpoints share it: for metrics and messages.</summary>
public sealed record UpstreamTls(TlsCounters Counters, UpstreamTlsConfig Config);
