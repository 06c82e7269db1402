using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Transport;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Gateway.Connections;

/// <summary>All client connections of the process: their limit, their count, their drain. Any thread.</summary>
public sealed class ClientConnections
{
    private readonly ConnectionShard[] _shards;
    private readonly TransportChoice _transport;
    private readonly ExchangeProcessor _processor;
    private int _open;
    private uint _accepted;
    private long _refused;

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

    /// <summary>Connections closed at once because <c>limits.connections</c> were open.</summary>
    public long Refused => Volatile.Read(ref _refused);

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

    /// <summary>Serves a connection to its end. The task ends when the connection is closed or being closed.</summary>
    public Task ServeAsync(ConnectionContext context, Listener listener)
    {
        // Weyl's sequence: any few hundred connections in a row have a share within a few of its exact size.
        uint lot = Interlocked.Increment(ref _accepted) * 2654435769u;
        if (Interlocked.Increment(ref _open) <= _processor.SnapshotFor(lot).ConnectionLimits.Connections)
            return ServeAsync(_transport.Adopt(context), listener, lot);
        Interlocked.Decrement(ref _open);
        Interlocked.Increment(ref _refused);
        context.Abort(new ConnectionAbortedException("limits.connections is reached."));
        return Task.CompletedTask;
    }

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

    private async Task ServeAsync(LoopConnection transport, Listener listener, uint lot)
    {
        bool inOrder = false;
        await transport.Loop.SwitchTo();
        try
        {
            inOrder = await Begin(transport, listener, lot).RunAsync();
        }
        finally
        {
            // After a defect of ours as well: nobody else would end the connection on its loop.
            if (inOrder) transport.Close();
            else transport.Reset();
            Interlocked.Decrement(ref _open);
        }
    }

    private Http1Connection Begin(LoopConnection transport, Listener listener, uint lot)
    {
        var connection = _shards[transport.Loop.Index].RentConnection();
        var snapshot = _processor.SnapshotFor(lot);
        connection.Begin(transport, listener, snapshot.Forwarding, snapshot.ConnectionLimits, lot);
        return connection;
    }
}
