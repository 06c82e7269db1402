namespace DataPlane.Gateway.Connections;

/// <summary>
/// One client connection as operators see it. <paramref name="State"/> is <c>idle</c>, <c>reading</c> (inside a head)
/// or <c>active</c>; method, route and elapsed time are the exchange's, null without one.
/// <paramref name="MemoryBytes"/> is reckoned from the objects it has, not measured.
/// </summary>
public sealed record ConnectionView(
    string Listener, string State, string Client, double AgeSeconds, int Requests, string? Method, string? Route,
    double? ElapsedSeconds, int Streams, long MemoryBytes);
