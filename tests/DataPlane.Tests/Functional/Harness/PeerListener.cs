namespace DataPlane.Tests.Functional.Harness;

/// <summary>An upstream that the test plays: each connection the gateway opens is handed out as a peer.</summary>
internal abstract class PeerListener : IAsyncDisposable
{
    /// <summary>As an endpoint is written in the configuration.</summary>
    public abstract string Url { get; }

    /// <summary>Connections opened by the gateway so far.</summary>
    public abstract int Accepted { get; }

    /// <summary>The next connection.</summary>
    public abstract Task<RawPeer> AcceptAsync();

    /// <summary>Stops listening: connects are refused from now on.</summary>
    public abstract ValueTask DisposeAsync();
}
