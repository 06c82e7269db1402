namespace DataPlane.Gateway.Upstreams;

/// <summary>
/// The idle upstream connections that began with a PROXY header about one client connection: nobody else's requests may
/// go there, and they end with it. They count in their pools as all others do. Loop thread only.
/// </summary>
public sealed class OwnConnections
{
    private readonly List<UpstreamConnection> _idle = [];
    private bool _isClosed;

    /// <summary>True while a connection that becomes idle may be kept.</summary>
    internal bool IsOpen => !_isClosed;

    /// <summary>An idle connection to the endpoint, taken out of its pool; null when none is good.</summary>
    internal UpstreamConnection? TryRent(UpstreamEndpoint endpoint, ProxyGreeting greeting, long nowMs)
    {
        for (int index = _idle.Count - 1; index >= 0; index--)
        {
            var connection = _idle[index];
            if (!ReferenceEquals(connection.Endpoint, endpoint)) continue;
            connection.LeavePool();
            if (Equals(connection.Greeting, greeting) && connection.TryReuse(nowMs)) return connection;
            connection.Close();
        }
        return null;
    }

    internal void Add(UpstreamConnection connection) => _idle.Add(connection);

    internal void Remove(UpstreamConnection connection) => _idle.Remove(connection);

    /// <summary>The client connection has ended, or speaks another protocol from now on.</summary>
    public void Close()
    {
        _isClosed = true;
        while (_idle.Count > 0)
        {
            var connection = _idle[^1];
            connection.LeavePool();
            connection.Close();
        }
    }
}
