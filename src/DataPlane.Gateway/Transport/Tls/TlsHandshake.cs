using System.Net.Security;
using DataPlane.Gateway.Loops;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// One handshake, on the connection's loop, in bounded time. A connection whose handshake fails is closed, after the
/// alert. Cold next to the handshake itself, which costs a hundred requests.
/// </summary>
internal sealed class TlsHandshake : ILoopTimerTarget
{
    private readonly LoopConnection _connection;
    private readonly LoopTimer _timer;
    private readonly RecordStream _records;
    private readonly SslStream _tls;
    private bool _timedOut;

    private TlsHandshake(LoopConnection connection)
    {
        _connection = connection;
        _timer = new LoopTimer(this);
        _records = new RecordStream(connection);
        _tls = new SslStream(_records, leaveInnerStreamOpen: true);
    }

    /// <summary>With a client. Any thread; completes on the loop.</summary>
    public static Task<TlsResult> AcceptAsync(LoopConnection connection, ListenerTls settings)
    {
        var handshake = new TlsHandshake(connection);
        return handshake.RunAsync(
            settings.HandshakeTimeoutMs,
            tls => tls.AuthenticateAsServerAsync(ListenerTls.Choose, settings, CancellationToken.None));
    }

    /// <summary>With an upstream. Any thread; completes on the loop.</summary>
    public static Task<TlsResult> ConnectAsync(
        LoopConnection connection, SslClientAuthenticationOptions options, int timeoutMs) =>
        new TlsHandshake(connection).RunAsync(timeoutMs, tls => tls.AuthenticateAsClientAsync(options));

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        _timedOut = true;
        // What the handshake waits for ends.
        _connection.Close();
    }

    private async Task<TlsResult> RunAsync(int timeoutMs, Func<SslStream, Task> authenticate)
    {
        await _connection.Loop.SwitchTo();
        _connection.Loop.Timers.Set(_timer, _connection.Loop.NowMs + timeoutMs);
        try
        {
            // The runtime's continuations leave the loop with the last step: this one comes back to it.
            await authenticate(_tls);
            if (!_timedOut) return new TlsResult(new TlsConnection(_connection, _records, _tls), TlsFault.None, "");
            return Fail(TlsFault.TimedOut, "");
        }
        catch (Exception failure) when (TlsFaults.IsExpected(failure))
        {
            if (_timedOut) return Fail(TlsFault.TimedOut, $"not done after {timeoutMs} ms");
            var (fault, detail) = TlsFaults.Of(failure, _records.HasRead);
            return Fail(fault, detail);
        }
        finally
        {
            _connection.Loop.Timers.Cancel(_timer);
        }
    }

    private TlsResult Fail(TlsFault fault, string detail)
    {
        // What the peer still sends must not destroy the alert.
        _connection.InputExpected = true;
        _connection.Close();
        _tls.Dispose();
        return new TlsResult(null, fault, detail);
    }
}
