namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// A request body that had come whole when the exchange began: it goes out with the head in one send, from whatever
/// thread, and may be sent again. The array is its own, because the runtime may look at it after the exchange.
/// </summary>
internal sealed class HeldContent(byte[] body, bool tellsLength) : ByteArrayContent(body)
{
    private readonly int _length = body.Length;

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        // What the client did not tell is not told: some gRPC servers take it amiss.
        return tellsLength;
    }
}
