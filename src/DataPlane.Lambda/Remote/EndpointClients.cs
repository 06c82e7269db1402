using System.Net;
using System.Net.Sockets;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// .NET's own clients for the endpoints of upstreams, for what no exchange waits for. Upstreams' addresses and their
/// terms of TLS are those of the configuration in force. Any thread; allocates.
/// </summary>
internal sealed class EndpointClients : IDisposable
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);

    private readonly Dictionary<UpstreamEndpoint, HttpMessageInvoker> _clients = [];
    private IReadOnlyDictionary<string, Upstream> _upstreams =
        new Dictionary<string, Upstream>(StringComparer.Ordinal);

    private int _turn;

    public void Follow(IReadOnlyDictionary<string, Upstream> upstreams)
    {
        lock (_clients)
        {
            _upstreams = upstreams;
            foreach (var client in _clients.Values) client.Dispose();
            _clients.Clear();
        }
    }

    public void Dispose() => Follow(new Dictionary<string, Upstream>(StringComparer.Ordinal));

    /// <summary>The next endpoint of an upstream; null when there is none.</summary>
    public HttpMessageInvoker? Find(string name, out UpstreamEndpoint? endpoint, out bool isHttp2)
    {
        lock (_clients)
        {
            endpoint = null;
            isHttp2 = false;
            if (!_upstreams.TryGetValue(name, out var upstream) || upstream.Endpoints.Count == 0) return null;
            isHttp2 = upstream.IsHttp2;
            var endpoints = upstream.Endpoints;
            // A retry comes to another one.
            endpoint = endpoints[(int)((uint)_turn++ % (uint)endpoints.Count)];
            if (_clients.TryGetValue(endpoint, out var client)) return client;
            client = new HttpMessageInvoker(HandlerOf(endpoint), disposeHandler: true);
            _clients.Add(endpoint, client);
            return client;
        }
    }

    private static SocketsHttpHandler HandlerOf(UpstreamEndpoint endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = s_connect,
            PooledConnectionIdleTimeout = s_idle,
            ConnectCallback = async (_, cancellation) => await ConnectAsync(endpoint.Address.EndPoint, cancellation),
        };
        if (endpoint.Tls is { } tls) handler.SslOptions = tls.Terms.Options;
        return handler;
    }

    private static async Task<Stream> ConnectAsync(EndPoint address, CancellationToken cancellation)
    {
        bool isIp = address is IPEndPoint;
        var socket = new Socket(
            address.AddressFamily, SocketType.Stream, isIp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
