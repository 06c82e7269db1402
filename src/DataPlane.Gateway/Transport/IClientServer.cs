namespace DataPlane.Gateway.Transport;

/// <summary>
/// Serves the clients of a listener on the loop that accepted them: no other thread, and none of Kestrel's objects, for
/// a connection that needs nothing of Kestrel.
/// </summary>
public interface IClientServer
{
    /// <summary>
    /// Serves the connection to its end, and then gives it back: by <see cref="LoopConnection.EndService"/>, or by
    /// <see cref="LoopConnection.PassOn"/> when its protocol is another's. Returns at once. Loop thread.
    /// </summary>
    void Serve(LoopConnection connection);
}
