namespace DataPlane.Gateway.Pipeline.Tunnels;

/// <summary>An open tunnel, as the client's connection sees it.</summary>
public interface ITunnel
{
    /// <summary>
    /// The gateway goes away: a WebSocket says goodbye to both ends and waits for theirs, anything else ends. Loop
    /// thread; harmless when repeated.
    /// </summary>
    void Drain();
}
