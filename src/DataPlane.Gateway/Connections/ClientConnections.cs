using System.Net.Security;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using DataPlane.Gateway.Transport.Admission;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Connections;

/// <summary>All client connections of the process: their count, their drain. Any thread.</summary>
public sealed class ClientConnections
{
    private readonly ConnectionShard[] _shards;
    private readonly TransportChoice _transport;
    private readonly ExchangeProcessor _processor;
    private int _open;
    private long _shed;
    private long _served;

    public ClientConnections(TransportChoice transport, ExchangeProcessor processor)
    {
        _transport = transport;
        var loops = transport.Loops;
        _processor = processor;
        _shards = new ConnectionShard[loops.Count];
        for (int index = 0; index < loops.Count; index++) _shards[index] = new ConnectionShard(loops[index], processor);
    }

    /// <summary>Open client connections.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>
    /// Open and active connections of one listener; racing reads may be off by the connections of a moment.
    /// </summary>
    public (int Open, int Active) CountOf(Listener listener)
    {
        int open = 0;
        int active = 0;
        foreach (var shard in _shards)
        {
            open += shard.OpenOf(listener.Index);
            active += shard.ActiveOf(listener.Index);
        }
        return (open, active);
    }

    /// <summary>
    /// Connections of all listeners with an exchange under way; reads race as in <see cref="CountOf"/>.
    /// </summary>
    public int Active
    {
        get
        {
            int active = 0;
            foreach (var shard in _shards) active += shard.Active;
            return active;
        }
    }

    /// <summary>Connections since the start that were admitted, and that came through their TLS handshake.</summary>
    public long Served => Volatile.Read(ref _served);

    /// <summary>Idle connections closed for want of memory.</summary>
    public long Shed => Volatile.Read(ref _shed);

    /// <summary>
    /// Closes connections that have no exchange, those that have been idle longest first: at least so many, and so many
    /// that one <paramref name="share"/>th of what all connections hold is given up. Each loop its part, in a later
    /// turn. Any thread.
    /// </summary>
    public void ShedIdle(int least, int share)
    {
        int each = (least + _shards.Length - 1) / _shards.Length;
        foreach (var shard in _shards)
            shard.Loop.Post(_ => Interlocked.Add(ref _shed, shard.ShedIdle(each, share)), state: null);
    }

    /// <summary>Who may connect.</summary>
    public ConnectionAdmission Admission => _transport.Admission;

    /// <summary>What clients of HTTP/2 do that they should not do often.</summary>
    public Http2Glitches Http2 { get; } = new();

    /// <summary><c>limits.headTimeout</c> of the configuration in force.</summary>
    public TimeSpan HeadTimeout => TimeSpan.FromMilliseconds(_processor.Snapshot.ConnectionLimits.HeadTimeoutMs);

    /// <summary>
    /// A page of the open connections: loop by loop, of each the youngest first. Only loops that have part of the page
    /// are asked, between two of their turns. Connections come and go meanwhile: two pages may share or miss one.
    /// </summary>
    public async Task<IReadOnlyList<ConnectionView>> ListAsync(int offset, int limit)
    {
        var views = new List<ConnectionView>();
        foreach (var shard in _shards)
        {
            int open = shard.Open;
            int skip = Math.Min(offset, open);
            int left = limit - views.Count;
            offset -= skip;
            if (skip < open && left > 0) views.AddRange(await shard.Loop.AskAsync(() => shard.Describe(skip, left)));
        }
        return views;
    }

    /// <summary>
    /// Serves a connection to its end; one that speaks HTTP/2 goes on to <paramref name="http2"/>, Kestrel's server for
    /// it. The task ends when the connection is closed or being closed.
    /// </summary>
    public Task ServeAsync(ConnectionContext context, Listener listener, ConnectionDelegate? http2 = null)
    {
        uint lot = NextLot();
        if (IsHttp2(context, listener))
        {
            Interlocked.Increment(ref _open);
            return ServeHttp2Async(_transport.Adopt(context), listener, lot, http2);
        }
        if (listener.SpeaksHttp1)
        {
            Interlocked.Increment(ref _open);
            return ServeAsync(_transport.Adopt(context), listener, lot, http2);
        }
        context.Abort(new ConnectionAbortedException("Client and listener have no protocol in common."));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Serves a connection of HTTP/1.1 in cleartext to its end, where it was accepted; one that turns out to speak
    /// HTTP/2 goes on to Kestrel, and comes back by the other method. Loop thread; 0 bytes, once there were as many
    /// connections.
    /// </summary>
    public void Serve(LoopConnection connection, Listener listener)
    {
        uint lot = NextLot();
        Interlocked.Increment(ref _open);
        connection.IsKeptToLoop = true;
        var service = _shards[connection.Loop.Index].RentService(this);
        service.Run(connection, Begin(connection, listener, lot));
    }

    /// <summary>What <see cref="Serve"/> began has ended.</summary>
    internal void End(LoopConnection connection, ValueTaskAwaiter<ConnectionEnd> run)
    {
        Interlocked.Decrement(ref _open);
        var end = ConnectionEnd.Broken;
        try
        {
            end = run.GetResult();
        }
        catch (Exception defect)
        {
            _processor.NoteDefect(defect);
        }
        if (end == ConnectionEnd.Http2)
        {
            // It will be counted again, and draw the same lot.
            Interlocked.Decrement(ref _served);
            connection.IsKeptToLoop = false;
            connection.PassOn();
            return;
        }
        Close(connection, end);
        connection.EndService();
    }

    /// <summary>True once every loop has been told to drain. Any thread.</summary>
    public bool IsDraining => Array.TrueForAll(_shards, static shard => shard.IsDraining);

    /// <summary>
    /// Lets exchanges finish and closes everything else; after <paramref name="timeout"/> resets what is left.
    /// </summary>
    public async Task DrainAsync(TimeSpan timeout, TimeProvider time)
    {
        foreach (var shard in _shards) shard.Loop.Post(static state => ((ConnectionShard)state!).Drain(), shard);
        long start = time.GetTimestamp();
        while (Open > 0 && time.GetElapsedTime(start) < timeout) await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        foreach (var shard in _shards) shard.Loop.Post(static state => ((ConnectionShard)state!).ResetAll(), shard);
    }

    /// <summary>
    /// Lets the exchanges of a listener that is gone finish, and closes its other connections. Returns at once.
    /// </summary>
    public void Drain(Listener listener)
    {
        foreach (var shard in _shards) shard.Loop.Post(_ => shard.Drain(listener), state: null);
    }

    private async Task ServeAsync(LoopConnection transport, Listener listener, uint lot, ConnectionDelegate? http2)
    {
        var end = ConnectionEnd.Broken;
        await transport.Loop.SwitchTo();
        transport.IsKeptToLoop = true;
        try
        {
            end = await Begin(transport, listener, lot).RunAsync();
        }
        finally
        {
            // After a defect of ours as well: nobody else would end the connection on its loop.
            Close(transport, end);
            if (end != ConnectionEnd.Http2) Interlocked.Decrement(ref _open);
        }
        if (end == ConnectionEnd.Http2)
        {
            transport.IsKeptToLoop = false;
            await ServeHttp2Async(transport, listener, lot, http2);
        }
    }

    private async Task ServeHttp2Async(
        LoopConnection transport, Listener listener, uint lot, ConnectionDelegate? http2)
    {
        Http2Connection? connection = null;
        try
        {
            await transport.Loop.SwitchTo();
            var shard = _shards[transport.Loop.Index];
            connection = new Http2Connection(transport, shard, listener, lot, Http2);
            shard.Add(connection);
            transport.Features.Set(connection);
            if (shard.IsDraining) connection.Drain();
            connection.Transport.Start();
            // Kestrel's server is at home on the thread pool, and would take the loop's context along.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await await Task.WhenAny(http2!(connection.Transport), connection.Transport.Abandoned);
        }
        finally
        {
            await transport.Loop.SwitchTo();
            if (connection is null) transport.Reset();
            else await connection.EndAsync();
            Interlocked.Decrement(ref _open);
        }
    }

    private static void Close(LoopConnection transport, ConnectionEnd end)
    {
        if (end == ConnectionEnd.InOrder) transport.Close();
        else if (end == ConnectionEnd.Broken) transport.Reset();
    }

    // Weyl's sequence: any few hundred connections in a row have a share within a few of its exact size.
    private uint NextLot() => (uint)Interlocked.Increment(ref _served) * 2654435769u;

    /// <summary>Over TLS the handshake has decided (RFC 9113 3.2); in cleartext the first bytes will.</summary>
    private static bool IsHttp2(ConnectionContext context, Listener listener)
    {
        if (!listener.SpeaksHttp2) return false;
        if (context.Features.Get<ConnectionFacts>()?.Tls is { } tls)
            return tls.Protocol == SslApplicationProtocol.Http2;
        return !listener.SpeaksHttp1;
    }

    private Http1Connection Begin(LoopConnection transport, Listener listener, uint lot)
    {
        var connection = _shards[transport.Loop.Index].RentConnection();
        var snapshot = _processor.SnapshotFor(lot);
        connection.Begin(transport, listener, snapshot.Forwarding, snapshot.ConnectionLimits, lot);
        return connection;
    }
}
