using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace DataPlane.Bootstrap;

/// <summary>
/// The Runtime API over descriptor 3, one request after the other. An answer and the question for the next event leave
/// in one write. One thread at a time.
/// </summary>
internal sealed class RuntimeSocket : IDisposable
{
    private const int Descriptor = 3;
    private const string Api = "/2018-06-01/runtime/";
    private const string Next = $"GET {Api}invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n";

    private readonly Socket _socket = new(new SafeSocketHandle(Descriptor, ownsHandle: true)) { Blocking = true };
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    public void AskNext() => Send(Encoding.ASCII.GetBytes(Next));

    /// <summary>
    /// The next event, with its head's lines; what acknowledges a post is passed over. False: the gateway has gone.
    /// </summary>
    public bool TryReadEvent(out string head, out byte[] body)
    {
        head = "";
        body = [];
        while (true)
        {
            int headEnd;
            while ((headEnd = _bytes.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (!TryReceive()) return false;
            }
            head = Encoding.Latin1.GetString(_bytes, 0, headEnd);
            string length = InvocationContext.FieldOf(head, "Content-Length");
            int end = headEnd + 4 + (length.Length == 0 ? 0 : int.Parse(length, CultureInfo.InvariantCulture));
            while (_length < end)
            {
                if (!TryReceive()) return false;
            }
            body = _bytes[(headEnd + 4)..end];
            _bytes.AsSpan(end, _length - end).CopyTo(_bytes);
            _length -= end;
            if (head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)) return true;
        }
    }

    public void PostResponse(string requestId, byte[] body) =>
        Post($"invocation/{requestId}/response", "", body, asksNext: true);

    public void PostError(string where, FunctionError error, bool asksNext) =>
        Post(where, $"Lambda-Runtime-Function-Error-Type: {error.Type}\r\n", error.ToJson(), asksNext);

    public void Dispose() => _socket.Dispose();

    private void Post(string where, string fields, byte[] body, bool asksNext)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {Api}{where} HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n{fields}"
            + $"Content-Length: {body.Length}\r\n\r\n"));
        Send([.. head, .. body, .. asksNext ? Encoding.ASCII.GetBytes(Next) : []]);
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    private bool TryReceive()
    {
        if (_length == _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        int count = _socket.Receive(_bytes.AsSpan(_length));
        _length += count;
        return count > 0;
    }
}
