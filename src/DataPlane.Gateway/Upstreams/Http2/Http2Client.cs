using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using DataPlane.Gateway.Transport.Tls;

namespace DataPlane.Gateway.Upstreams.Http2;

/// <summary>
/// The HTTP/2 connections of one endpoint, which all loops share: exchanges are streams on them. Framing, flow control,
/// pings and GOAWAY are the runtime's; where to connect, how often and what is counted is ours. Any thread.
/// </summary>
public sealed class Http2Client : IDisposable
{
    private readonly UpstreamEndpoint _endpoint;
    private readonly Http2Settings _settings;
    private readonly TlsTerms? _tls;
    private readonly SemaphoreSlim _places;
    private readonly HttpMessageInvoker _invoker;

    // Read once by the runtime, before its first HTTP/2 connection: a window that grows with the round trip would let
    // a slow client hold far more than streamWindow.
    static Http2Client() => AppContext.SetSwitch(
        "System.Net.SocketsHttpHandler.Http2FlowControl.DisableDynamicWindowSizing", isEnabled: true);

    public Http2Client(UpstreamEndpoint endpoint, Http2Settings settings)
    {
        _endpoint = endpoint;
        _settings = settings;
        _places = new SemaphoreSlim(settings.MaxConnections);
        _tls = endpoint.Tls?.Terms;
        Origin = OriginOf(endpoint, _tls);
        _invoker = new HttpMessageInvoker(Handler());
    }

    /// <summary>Scheme and authority of the endpoint, before a target.</summary>
    public string Origin { get; }

    /// <summary>
    /// The authority of all requests is the endpoint's own name. Over TLS the runtime opens a connection for each name
    /// that requests ask for, and asks for that name's certificate: clients must not choose it.
    /// </summary>
    public bool HasOwnAuthority => _tls is not null;

    /// <summary>False once the endpoint's TLS has changed: its file was replaced, or the configuration.</summary>
    public bool IsCurrent => ReferenceEquals(_tls, _endpoint.Tls?.Terms);

    /// <summary>
    /// Sends a request and gives the response once its head is there. What goes wrong is thrown:
    /// <see cref="Http2Fault"/> tells its meaning.
    /// </summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        _invoker.SendAsync(request, cancellation);

    /// <summary>No new streams; those under way end first.</summary>
    public void Dispose() => _invoker.Dispose();

    internal void OnClosed()
    {
        _endpoint.CountMultiplexed(-1);
        _places.Release();
    }

    private SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler
        {
            // The gateway's own business, or nobody's.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,

            ConnectCallback = ConnectAsync,
            ConnectTimeout = TimeSpan.FromMilliseconds(_settings.ConnectTimeoutMs + _settings.PendingTimeoutMs),
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = _settings.StreamWindowBytes,
            MaxResponseHeadersLength = Math.Max(1, _settings.ResponseHeadBytes / 1024),
            PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(_settings.IdleTimeoutMs),
            PooledConnectionLifetime = TimeSpan.FromMilliseconds(_settings.MaxAgeMs),
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        };
        if (_tls is not null)
        {
            handler.SslOptions = _tls.Options;
            handler.PlaintextStreamFilter = CountHandshake;
        }
        if (_settings.PingMs == 0) return handler;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        handler.KeepAlivePingDelay = TimeSpan.FromMilliseconds(Math.Max(1000, _settings.PingMs));
        handler.KeepAlivePingTimeout = TimeSpan.FromMilliseconds(Math.Max(1000, _settings.PingTimeoutMs));
        return handler;
    }

    private static string OriginOf(UpstreamEndpoint endpoint, TlsTerms? tls)
    {
        if (tls is null) return $"http://{Encoding.ASCII.GetString(endpoint.AuthorityUtf8)}";
        string host = tls.ServerName.Contains(':', StringComparison.Ordinal) ? $"[{tls.ServerName}]" : tls.ServerName;
        string port = endpoint.Address.EndPoint is IPEndPoint place ? $":{place.Port}" : "";
        return $"https://{host}{port}";
    }

    private ValueTask<Stream> CountHandshake(
        SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellation)
    {
        if (context.PlaintextStream is SslStream tls) _endpoint.Tls?.CountOpened(tls.SslProtocol);
        return new ValueTask<Stream>(context.PlaintextStream);
    }

    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        // Exchanges that wait go on as soon as a stream ends: only a place for a connection is waited for here.
        if (!await _places.WaitAsync(_settings.PendingTimeoutMs, cancellation)) throw new Http2FullException();
        var place = _endpoint.Address.EndPoint;
        bool isUnix = place is UnixDomainSocketEndPoint;
        var socket = new Socket(
            place.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (!isUnix) socket.NoDelay = true;
            await ConnectAsync(socket, place, cancellation);
        }
        catch
        {
            socket.Dispose();
            _places.Release();
            throw;
        }
        _endpoint.CountMultiplexed(1);
        return new Http2Socket(socket, this);
    }

    private async Task ConnectAsync(Socket socket, EndPoint place, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_settings.ConnectTimeoutMs);
        try
        {
            await socket.ConnectAsync(place, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }
}
