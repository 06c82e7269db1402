namespace DataPlane.Gateway.Connections;

/// <summary>
/// What a client connection's objects take, in bytes, measured as <c>ConnectionCostsTests</c> measures it: many of them
/// open, the difference of what lives, divided. Good to a factor of two; what is compared are connections.
/// </summary>
internal static class ConnectionCosts
{
    /// <summary>An idle one of HTTP/1.1: its own objects, its transport's, its features and its timer.</summary>
    public const int Connection = 3 * 1024;

    /// <summary>Beyond that: the state of TLS and its buffers, half of it outside the runtime's heap.</summary>
    public const int Tls = 24 * 1024;

    /// <summary>An idle one of HTTP/2: Kestrel's server, its tables and frame writer, four pipes.</summary>
    public const int Http2Connection = 24 * 1024;

    /// <summary>A stream, which Kestrel keeps for the next request when it is done.</summary>
    public const int Http2Stream = 8 * 1024;

    /// <summary>An exchange under way with its body and sink, without the bytes of its head.</summary>
    public const int Exchange = 2 * 1024;
}
