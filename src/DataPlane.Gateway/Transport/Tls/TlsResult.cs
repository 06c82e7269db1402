namespace DataPlane.Gateway.Transport.Tls;

/// <summary>A connection that speaks TLS, or why there is none, with words for the log.</summary>
internal readonly record struct TlsResult(TlsConnection? Connection, TlsFault Fault, string Detail);
