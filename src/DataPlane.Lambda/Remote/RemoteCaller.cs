using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using DataPlane.Gateway.Loops;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Signing;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// Calls functions that somebody else runs for those who are no exchange: callers of the gateway's own Invoke API, and
/// destinations of events. Any thread; allocates.
/// </summary>
internal sealed class RemoteCaller(RemoteFunctions functions, EndpointClients clients, EventLoop loop)
{
    /// <summary>How often Invoke APIs have handed a call on: gateways that name each other would never end.</summary>
    public const string HopsField = "X-DataPlane-Hops";

    /// <summary>
    /// The service's answer once its head is there. Throws <see cref="HttpRequestException"/> when there is none, and
    /// <see cref="OperationCanceledException"/> when it is too late.
    /// </summary>
    public async Task<HttpResponseMessage> SendAsync(
        string name, Invocation invocation, bool isEvent, bool isStreaming, int hops = 0)
    {
        if (!functions.Current.TryGetValue(name, out var function))
            throw new HttpRequestException($"there is no function {name}");
        SigningCredentials? credentials = null;
        if (function.Credentials is { } source && (credentials = await source.GetAsync()) is null)
            throw Failed(function, RemoteResult.Refused, "there are no credentials");
        if (clients.Find(function.Config.Upstream, out var endpoint, out bool isHttp2) is not { } client)
            throw Failed(function, RemoteResult.Failed, $"there is no endpoint of upstream {function.Config.Upstream}");
        var head = new RemoteRequest().Write(
            function, isStreaming ? function.StreamingPath : function.PlainPath, endpoint!, invocation, credentials,
            isEvent, loop.Time.GetUtcNow());
        using var request = RequestOf(
            Encoding.ASCII.GetString(head.Span), endpoint!.Tls is null ? "http" : "https", invocation);
        if (hops > 0) request.Headers.Add(HopsField, hops.ToString(CultureInfo.InvariantCulture));
        request.Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var late = new CancellationTokenSource(function.TimeoutMs);
        try
        {
            var response = await client.SendAsync(request, late.Token);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                function.Credentials?.Distrust();
            Count(function, ResultOf(response));
            return response;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            Count(function, RemoteResult.Failed);
            throw;
        }
    }

    /// <summary>The same lines, signed, as the loops' own requests have.</summary>
    private static HttpRequestMessage RequestOf(string head, string scheme, Invocation invocation)
    {
        string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string host = lines[1]["Host: ".Length..];
        var request = new HttpRequestMessage(HttpMethod.Post, $"{scheme}://{host}{lines[0].Split(' ')[1]}")
        {
            Content = new ByteArrayContent(invocation.Event.Span.ToArray()),
        };
        request.Headers.Host = host;
        foreach (string line in lines.Skip(2))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = line[..colon];
            string value = line[(colon + 2)..];
            if (name == "Content-Type") request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else if (name != "Content-Length") request.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    private static RemoteResult ResultOf(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        429 => RemoteResult.Throttled,
        >= 500 => RemoteResult.Failed,
        >= 400 => RemoteResult.Refused,
        _ when response.Headers.Contains("X-Amz-Function-Error") => RemoteResult.FunctionError,
        _ => RemoteResult.Answered,
    };

    private HttpRequestException Failed(RemoteFunction function, RemoteResult result, string message)
    {
        Count(function, result);
        return new HttpRequestException(message);
    }

    /// <summary>Counters are a loop's.</summary>
    private void Count(RemoteFunction function, RemoteResult result) =>
        loop.Post(_ => function.Count(loop, result), state: null);
}
