using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// What one loop has sent to one endpoint. Written by its loop alone, without locks; others read a moment's value.
/// Padded: neighbouring loops must not share a cache line, nor the pair of lines a prefetcher fetches.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
public struct EndpointLoad
{
    /// <summary>Exchanges leased to a connection, or waiting for one to open.</summary>
    [FieldOffset(0)]
    public int InFlight;

    /// <summary>Exchanges observed for passive health; only ever grows.</summary>
    [FieldOffset(8)]
    public long Requests;

    /// <summary>Of <see cref="Requests"/>, those that speak against the endpoint.</summary>
    [FieldOffset(16)]
    public long Failures;
}
