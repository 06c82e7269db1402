using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Connections;

/// <summary>
/// What the connections of one loop share: spare turns, the Date line, and the list of who is open, for drain and
/// metrics. Loop thread only, but for the counts.
/// </summary>
internal sealed class ConnectionShard(EventLoop loop, ExchangeProcessor processor)
{
    private readonly Stack<Http1Turn> _spares = new();
    private readonly Stack<Http1Connection> _spareConnections = new();
    private readonly Stack<Http1Service> _spareServices = new();
    private readonly Stack<Http2Turn> _spareHttp2 = new();
    private readonly ClientAddress?[] _clients = new ClientAddress?[Limits.CachedClients];
    private ClientConnection? _first;
    private TextCache? _texts;
    private int[] _open = [];
    private int[] _active = [];

    public EventLoop Loop => loop;

    public ExchangeProcessor Processor => processor;

    public DateField Date { get; } = new(loop);

    /// <summary>Texts of the fields that HTTP/2 responses had lately.</summary>
    public TextCache Texts => _texts ??= new TextCache();

    /// <summary>Every response from now on closes its connection.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Connections of a listener. Any thread.</summary>
    public int OpenOf(int listener) => Read(ref _open, listener);

    /// <summary>Connections of a listener with an exchange under way. Any thread.</summary>
    public int ActiveOf(int listener) => Read(ref _active, listener);

    public Http1Turn Rent(Listener listener)
    {
        _active[listener.Index]++;
        return _spares.TryPop(out var turn) ? turn : new Http1Turn(loop);
    }

    public void Return(Http1Turn turn)
    {
        _active[turn.Exchange.Listener.Index]--;
        var head = turn.Exchange.ReleaseHead();
        if (head.Length > 0) loop.Slabs.Return(head);
        turn.Reset();
        if (_spares.Count < Limits.SpareExchanges) _spares.Push(turn);
    }

    public Http2Turn RentHttp2() => _spareHttp2.TryPop(out var turn) ? turn : new Http2Turn(loop);

    public void Return(Http2Turn turn)
    {
        var head = turn.Exchange.ReleaseHead();
        if (head.Length > 0) loop.Slabs.Return(head);
        turn.Reset();
        if (_spareHttp2.Count < Limits.SpareExchanges) _spareHttp2.Push(turn);
    }

    /// <summary>An HTTP/2 connection has its first stream, or no longer any.</summary>
    public void MarkActive(Http2Connection connection, bool isActive) =>
        _active[connection.Listener.Index] += isActive ? 1 : -1;

    public Http1Connection RentConnection() =>
        _spareConnections.TryPop(out var connection) ? connection : new Http1Connection(this);

    /// <summary>Keeps a connection's object, which nothing may refer to any more, for the next one.</summary>
    public void ReturnConnection(Http1Connection connection)
    {
        if (_spareConnections.Count < Limits.SpareExchanges) _spareConnections.Push(connection);
    }

    public Http1Service RentService(ClientConnections connections) =>
        _spareServices.TryPop(out var service) ? service : new Http1Service(connections, this);

    public void Return(Http1Service service)
    {
        if (_spareServices.Count < Limits.SpareExchanges) _spareServices.Push(service);
    }

    /// <summary>
    /// The client of a connection. Few addresses have most of the connections: what was rendered for the last ones is
    /// kept.
    /// </summary>
    public ClientAddress ClientOf(EndPoint? remote, ForwardingSettings forwarding)
    {
        bool isTrusted = forwarding.Trusts(remote);
        var address = (remote as IPEndPoint)?.Address;
        ref var kept = ref _clients[(address?.GetHashCode() ?? 0) & (Limits.CachedClients - 1)];
        if (kept?.IsTrusted == isTrusted && kept.Is(address)) return kept;
        return kept = new ClientAddress(remote, isTrusted);
    }

    public void Add(ClientConnection connection)
    {
        Count(connection.Listener.Index);
        connection.Next = _first;
        if (_first is not null) _first.Previous = connection;
        _first = connection;
    }

    public void Remove(ClientConnection connection)
    {
        _open[connection.Listener.Index]--;
        if (connection.Previous is not null) connection.Previous.Next = connection.Next;
        else _first = connection.Next;
        if (connection.Next is not null) connection.Next.Previous = connection.Previous;
        connection.Next = connection.Previous = null;
    }

    /// <summary>Connections of all listeners. Any thread.</summary>
    public int Open
    {
        get
        {
            int open = 0;
            int[] counts = Volatile.Read(ref _open);
            for (int listener = 0; listener < counts.Length; listener++) open += Volatile.Read(ref counts[listener]);
            return open;
        }
    }

    /// <summary>Connections with an exchange under way, of all listeners. Any thread.</summary>
    public int Active
    {
        get
        {
            int active = 0;
            int[] counts = Volatile.Read(ref _active);
            for (int listener = 0; listener < counts.Length; listener++) active += Volatile.Read(ref counts[listener]);
            return active;
        }
    }

    /// <summary>
    /// Closes idle connections, the longest idle first and of those the newest, until so many are closed and they held
    /// that share of what all connections hold; says how many. Cold.
    /// </summary>
    public int ShedIdle(int least, int share)
    {
        var idle = new List<ClientConnection>();
        long held = 0;
        for (var each = _first; each is not null; each = each.Next)
        {
            held += each.MemoryBytes;
            if (each.IsIdle) idle.Add(each);
        }
        idle.Sort(static (left, right) => left.IdleSinceMs != right.IdleSinceMs
            ? left.IdleSinceMs.CompareTo(right.IdleSinceMs)
            : right.BornMs.CompareTo(left.BornMs));
        int shed = 0;
        for (long wanted = held / share; shed < idle.Count && (shed < least || wanted > 0); shed++)
        {
            wanted -= idle[shed].MemoryBytes;
            idle[shed].Shed();
        }
        return shed;
    }

    /// <summary>
    /// So many connections of the list, the youngest first; allocates for each, and steps over those before them.
    /// </summary>
    public List<ConnectionView> Describe(int offset, int limit)
    {
        var views = new List<ConnectionView>();
        for (var each = _first; each is not null && views.Count < limit; each = each.Next)
        {
            if (offset-- <= 0) views.Add(each.Describe());
        }
        return views;
    }

    /// <summary>Closes idle connections now and the others after their response.</summary>
    public void Drain()
    {
        IsDraining = true;
        for (var each = _first; each is not null;)
        {
            var next = each.Next;
            each.Drain();
            each = next;
        }
    }

    /// <summary>The same for the connections of one listener, which is gone.</summary>
    public void Drain(Listener listener)
    {
        for (var each = _first; each is not null;)
        {
            var next = each.Next;
            if (ReferenceEquals(each.Listener, listener)) each.Drain();
            each = next;
        }
    }

    /// <summary>Breaks off what is still open when the drain's time is up.</summary>
    public void ResetAll()
    {
        for (var each = _first; each is not null;)
        {
            var next = each.Next;
            each.Break();
            each = next;
        }
    }

    private void Count(int listener)
    {
        if (listener >= _open.Length)
        {
            Array.Resize(ref _active, listener + 1);
            Array.Resize(ref _open, listener + 1);
        }
        _open[listener]++;
    }

    private static int Read(ref int[] counts, int listener)
    {
        int[] seen = Volatile.Read(ref counts);
        return listener < seen.Length ? Volatile.Read(ref seen[listener]) : 0;
    }
}
