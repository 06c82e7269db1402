using DataPlane.Tests.Functional.Harness;

namespace DataPlane.Tests.Functional.Caching;

/// <summary>
/// An upstream behind a listener of the test's that answers each request as a function says. Connections are served
/// side by side, so an answer may wait for the test.
/// </summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly PeerListener _listener;
    private readonly Task _accepting;
    private readonly List<RawResponse> _requests = [];

    public ScriptedUpstream(PeerListener listener, Func<RawResponse, Task<string?>> answer)
    {
        _listener = listener;
        Answer = answer;
        _accepting = AcceptAsync();
    }

    public ScriptedUpstream(PeerListener listener, Func<RawResponse, string?> answer)
        : this(listener, request => Task.FromResult(answer(request)))
    {
    }

    public string Url => _listener.Url;

    /// <summary>The whole response, or null to break the connection off.</summary>
    public Func<RawResponse, Task<string?>> Answer { get; set; }

    public int Count
    {
        get
        {
            lock (_requests) return _requests.Count;
        }
    }

    public RawResponse[] Requests
    {
        get
        {
            lock (_requests) return [.. _requests];
        }
    }

    public RawResponse Last => Requests[^1];

    public static string Ok(string fields, string body = "body") =>
        $"HTTP/1.1 200 OK\r\n{fields}\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _ = _accepting.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            RawPeer peer;
            try
            {
                peer = await _listener.AcceptAsync();
            }
            catch (TimeoutException)
            {
                continue;
            }
            _ = ServeAsync(peer);
        }
    }

    private async Task ServeAsync(RawPeer peer)
    {
        await using var owned = peer;
        try
        {
            while (true)
            {
                var request = await peer.ReadRequestAsync();
                lock (_requests) _requests.Add(request);
                if (await Answer(request) is not { } answer) return;
                await peer.SendAsync(answer);
            }
        }
        catch (Exception ended) when (ended is EndOfStreamException or TimeoutException or IOException)
        {
            // The gateway has gone away, or had nothing to ask for a long time.
        }
    }
}
