using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// A datagram per line to a syslog receiver (RFC 5424; RFC 5426 over UDP). A receiver that is not there, or away for a
/// restart, is asked for again at each batch. 0 bytes per line.
/// </summary>
public sealed class SyslogLogOutput : ILogOutput
{
    private const int Informational = 6;

    /// <summary>Of HOSTNAME (RFC 5424 6).</summary>
    private const int MostHostBytes = 255;

    private const int TimeBytes = 24;

    private readonly SyslogConfig _config;
    private readonly TimeProvider _time;
    private readonly byte[] _message = new byte[RecordingLimits.LineBytes + 512];
    private readonly int _timeAt;
    private readonly int _textAt;
    private Socket? _socket;
    private bool _mayWait;
    private bool _mayConnect;

    public SyslogLogOutput(SyslogConfig config, TimeProvider time)
    {
        _config = config;
        _time = time;
        string host = new([.. Environment.MachineName.Where(c => c is > ' ' and < (char)0x7f).Take(MostHostBytes)]);
        string start = string.Create(
            CultureInfo.InvariantCulture, $"<{config.Facility * 8 + Informational}>1 ");
        string rest = string.Create(
            CultureInfo.InvariantCulture,
            $" {(host.Length == 0 ? "-" : host)} {config.Tag} {Environment.ProcessId} access - ");
        _timeAt = Encoding.ASCII.GetBytes(start, _message);
        _textAt = _timeAt + TimeBytes + Encoding.ASCII.GetBytes(rest, _message.AsSpan(_timeAt + TimeBytes));
    }

    public int Write(ReadOnlySpan<byte> lines, out LogLoss loss)
    {
        loss = LogLoss.None;
        _mayWait = _mayConnect = true;
        // Section 6.2.3: RFC 3339, here with milliseconds.
        _time.GetUtcNow().UtcDateTime.TryFormat(
            _message.AsSpan(_timeAt, TimeBytes), out _, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        int sent = 0;
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            var text = lines[..Math.Min(end, _message.Length - _textAt)];
            text.CopyTo(_message.AsSpan(_textAt));
            var result = Send(_message.AsSpan(0, _textAt + text.Length));
            if (result == SocketError.Success) sent++;
            else loss = LogLosses.Of(result);
            lines = lines[(end + 1)..];
        }
        return sent;
    }

    public void Reopen() => Disconnect();

    public void Dispose() => Disconnect();

    private SocketError Send(ReadOnlySpan<byte> message)
    {
        var error = TrySend(message);
        if (error is SocketError.Success or SocketError.MessageSize) return error;
        if (LogLosses.Of(error) == LogLoss.SinkFull)
        {
            // One wait a batch: the rings hold what comes meanwhile; a receiver that stands still is not waited for.
            if (!_mayWait) return error;
            _mayWait = _socket!.Poll(RecordingLimits.SyslogPatience, SelectMode.SelectWrite);
            return TrySend(message);
        }
        // A restarted receiver has another socket under the old name; over UDP the error is an earlier message's.
        Disconnect();
        return _mayConnect ? TrySend(message) : error;
    }

    private SocketError TrySend(ReadOnlySpan<byte> message)
    {
        try
        {
            if (_socket is null)
            {
                if (!_mayConnect) return SocketError.NotConnected;
                _mayConnect = false;
                _socket = Connect();
            }
            _socket.Send(message, SocketFlags.None, out var error);
            return error;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode;
        }
    }

    private Socket Connect()
    {
        EndPoint receiver = _config.UnixPath is { } path
            ? new UnixDomainSocketEndPoint(path)
            : new IPEndPoint(Resolve(_config.Host), _config.Port);
        var protocol = _config.UnixPath is null ? ProtocolType.Udp : ProtocolType.Unspecified;
        var socket = new Socket(receiver.AddressFamily, SocketType.Dgram, protocol);
        try
        {
            socket.Connect(receiver);
            socket.Blocking = false;
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress Resolve(string host) =>
        IPAddress.TryParse(host, out var address) ? address : Dns.GetHostAddresses(host)[0];

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
