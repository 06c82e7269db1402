using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using DataPlane.Gateway.Upstreams;

namespace DataPlane.Lambda.Queue;

/// <summary>
/// Takes entries to upstreams and files. Upstreams' addresses and their terms of TLS are those of the configuration in
/// force. Any thread; allocates.
/// </summary>
internal sealed class DestinationSender : IDisposable
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(30);

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

    /// <summary>Null when it was taken, or why it was not.</summary>
    public async Task<string?> SendAsync(QueueEntry entry, QueueContent content)
    {
        try
        {
            if (entry.Kind != QueueKind.Line) return await PostAsync(entry, content);
            await using var file = new FileStream(
                entry.Target, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            // One write: a reader never sees half a line, unless the disk is full.
            await file.WriteAsync((byte[])[.. content.Payload, (byte)'\n']);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException
            or OperationCanceledException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return failure is OperationCanceledException ? "no answer within 30 s" : failure.Message;
        }
    }

    public void Dispose() => Follow(new Dictionary<string, Upstream>(StringComparer.Ordinal));

    private async Task<string?> PostAsync(QueueEntry entry, QueueContent content)
    {
        if (FindClient(entry.Target, out var endpoint, out bool isHttp2) is not { } client)
            return $"there is no endpoint of upstream {entry.Target}";
        string[] lines = content.Note.Split('\n');
        string scheme = endpoint!.Tls is null ? "http" : "https";
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{scheme}://{Encoding.ASCII.GetString(endpoint.AuthorityUtf8)}{lines[0]}")
        {
            Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(content.Payload),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(line[..colon], line[(colon + 1)..]);
        }
        using var late = new CancellationTokenSource(s_answer);
        using var response = await client.SendAsync(request, late.Token);
        return response.IsSuccessStatusCode ? null : $"it answered {(int)response.StatusCode}";
    }

    private HttpMessageInvoker? FindClient(string name, out UpstreamEndpoint? endpoint, out bool isHttp2)
    {
        lock (_clients)
        {
            endpoint = null;
            isHttp2 = false;
            if (!_upstreams.TryGetValue(name, out var upstream) || upstream.Endpoints.Count == 0) return null;
            isHttp2 = upstream.Http2 is not null;
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
            PooledConnectionIdleTimeout = s_answer,
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
