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

    public byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(name);
}
