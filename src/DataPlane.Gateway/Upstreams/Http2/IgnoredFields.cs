using DataPlane.Http.Http2;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>For blocks of streams that are over: they still change the connection's table.</summary>
internal sealed class IgnoredFields : IFieldSink
{
    public static IgnoredFields Instance { get; } = new();

    public void Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }
}
