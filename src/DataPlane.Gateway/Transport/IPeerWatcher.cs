namespace DataPlane.Gateway.Transport;

/// <summary>
/// Is told on the loop's thread when a connection's peer half-closes or is gone, even while nobody reads.
/// </summary>
public interface IPeerWatcher
{
    void OnPeerChanged(LoopConnection connection);
}
