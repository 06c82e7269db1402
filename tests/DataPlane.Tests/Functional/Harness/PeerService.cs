namespace DataPlane.Tests.Functional.Harness;

/// <summary>
/// A listener of the test's with somebody behind it: every request on every connection gets the answer of the moment,
/// or none while there is none.
/// </summary>
internal sealed class PeerService : IAsyncDisposable
{
    private readonly PeerListener _listener;
    private readonly Task _accepting;
    private int _requests;
    private volatile string? _answer;

    public PeerService(PeerListener listener, string? answer)
    {
        _listener = listener;
        _answer = answer;
        _accepting = AcceptAsync();
    }

    public string Url => _listener.Url;

    public int Connections => _listener.Accepted;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Keep what requests looked like.</summary>
    public bool KeepsHeads { get; init; }

    /// <summary>The head received last, when heads are kept.</summary>
    public string LastHead { get; private set; } = "";

    /// <summary>The whole response; null: requests are read and never answered.</summary>
    public string? Answer
    {
        get => _answer;
        set => _answer = value;
    }

    /// <summary>A response of that status with a body.</summary>
    public static string Response(int status, string body = "") =>
        $"HTTP/1.1 {status} Some\r\nContent-Length: {body.Length}\r\n\r\n{body}";

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
                string head = await peer.ReadHeadAsync();
                if (KeepsHeads) LastHead = head;
                Interlocked.Increment(ref _requests);
                if (_answer is { } answer) await peer.SendAsync(answer);
            }
        }
        catch (Exception ended) when (ended is EndOfStreamException or TimeoutException or IOException)
        {
            // The gateway has gone away, or had nothing to ask for a long time.
        }
    }
}
