namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>All connections of an endpoint are open and full, and stayed so.</summary>
internal sealed class Http2FullException() : Exception("All connections of the endpoint are in use.");
