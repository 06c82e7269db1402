using System.Net.Sockets;
using System.Text;

namespace DataPlane.Tests.Allocation;

/// <summary>
/// A keep-alive connection that sends one request again and again, by blocking calls over a buffer of its own. The
/// first answer is taken apart; every later one has to have its status and its length. Allocates nothing after the
/// first.
/// </summary>
internal sealed class CannedClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly byte[] _status;
    private int _answerBytes;

    public CannedClient(int port, string request, int status)
    {
        _request = Encoding.ASCII.GetBytes(request);
        _status = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} ");
        _socket.NoDelay = true;
        // A gateway that does not answer fails the test instead of holding it.
        _socket.ReceiveTimeout = _socket.SendTimeout = 20_000;
        _socket.Connect("127.0.0.1", port);
    }

    /// <summary>The whole answer, whose length all the others have to have.</summary>
    public string Learn()
    {
        Send();
        return LearnAnswer();
    }

    /// <summary>The same when the request has been sent.</summary>
    public string LearnAnswer()
    {
        var filled = 0;
        while (true)
        {
            filled += ReceiveSome(filled);
            var text = Encoding.ASCII.GetString(_buffer, 0, filled);
            var headEnd = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (headEnd < 0) continue;
            _answerBytes = headEnd + 4 + ContentLengthOf(text[..headEnd]);
            if (filled >= _answerBytes) return text;
        }
    }

    public void Send()
    {
        for (var sent = 0; sent < _request.Length;)
            sent += _socket.Send(_request, sent, _request.Length - sent, SocketFlags.None);
    }

    public void Receive()
    {
        var filled = 0;
        while (filled < _answerBytes) filled += ReceiveSome(filled);
        if (filled != _answerBytes || !_buffer.AsSpan().StartsWith(_status))
            throw new InvalidOperationException($"got {Encoding.ASCII.GetString(_buffer, 0, Math.Min(filled, 500))}");
    }

    public void Dispose() => _socket.Dispose();

    private static int ContentLengthOf(string head)
    {
        const string name = "\r\nContent-Length: ";
        // A 304 has none.
        var found = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (found < 0) return 0;
        var start = found + name.Length;
        var end = head.IndexOf('\r', start);
        return int.Parse(end < 0 ? head[start..] : head[start..end]);
    }

    private int ReceiveSome(int filled)
    {
        var received = _socket.Receive(_buffer, filled, _buffer.Length - filled, SocketFlags.None);
        return received > 0 ? received : throw new InvalidOperationException("the gateway closed the connection");
    }
}
