using System.Text;

namespace DataPlane.Gateway.Pipeline;

/// <summary>A compiled listener. Lives as long as the process binds it; connections refer to it.</summary>
public sealed class Listener(int index, string name, int port)
{
    /// <summary>Indexes the recorders' counters.</summary>
    public int Index { get; } = index;

    public string Name { get; } = name;

    /// <summary>0 over a unix socket.</summary>
    public int Port { get; } = port;

    /// <summary>What ends the line before it and says X-Forwarded-Port, where there is a port.</summary>
    public byte[] ForwardedPort { get; } =
        Encoding.ASCII.GetBytes(port > 0 ? $"\r\nX-Forwarded-Port: {port}\r\n" : "\r\n");

    /// <summary>Most exchanges under way at once; null for no bound.</summary>
    public InFlightBound? InFlight { get; init; }

    /// <summary>HTTP/2 is spoken here, to clients that ask for it by ALPN or by its preface.</summary>
    public bool SpeaksHttp2 { get; init; }

    public bool SpeaksHttp1 { get; init; } = true;

    public byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(name);
}
