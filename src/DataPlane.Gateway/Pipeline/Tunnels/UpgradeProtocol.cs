using System.Text;

namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>One protocol that a route lets its exchanges change to. Immutable; any thread.</summary>
public sealed class UpgradeProtocol(string token)
{
    private const string WebSocket = "websocket";

    public string Token { get; } = token;

    public byte[] TokenUtf8 { get; } = Encoding.ASCII.GetBytes(token);

    /// <summary>The fields that name it, in requests and in their 101.</summary>
    public byte[] Fields { get; } = Encoding.ASCII.GetBytes($"Connection: Upgrade\r\nUpgrade: {token}\r\n");

    /// <summary>Its handshake is checked and its frames are followed; of others nothing is known.</summary>
    public bool IsWebSocket { get; } = token.Equals(WebSocket, StringComparison.OrdinalIgnoreCase);
}
