using System.Net;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>Carries fields that describe a body, of a request that has none.</summary>
internal sealed class EmptyContent : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return true;
    }
}
