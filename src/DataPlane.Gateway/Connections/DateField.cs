using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// The Date line of local replies, rendered once a second per loop (RFC 9110 6.6.1). Loop thread only.
/// </summary>
internal sealed class DateField(EventLoop loop)
{
    private readonly byte[] _line = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"u8.ToArray();
    private long _second = -1;

    public ReadOnlySpan<byte> Line
    {
        get
        {
            if (_second != loop.NowMs / 1000) Render();
            return _line;
        }
    }

    private void Render()
    {
        _second = loop.NowMs / 1000;
        loop.Time.GetUtcNow().TryFormat(_line.AsSpan(6), out _, "R");
    }
}
