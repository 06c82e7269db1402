using System.Buffers;
using System.Collections;
using System.IO.Pipelines;
using System.Net;
using DataPlane.Gateway.Loops;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Transport;

/// <summary>
/// A connection that is its own feature collection: 10,000 idle ones must fit in 3 KiB each together with Kestrel's
/// objects, so what Kestrel sets on every connection has a field, and everything else exists only once it is asked for.
/// </summary>
internal abstract class FeatureConnection : LoopConnection, IFeatureCollection, IConnectionIdFeature,
    IConnectionTransportFeature, IConnectionItemsFeature, IMemoryPoolFeature, IConnectionLifetimeFeature,
    IConnectionEndPointFeature, IDuplexPipe
{
    private const int ClosedUnknown = 0;
    private const int ClosedSignaled = 1;
    private const int ClosedReplaced = 2;

    private static readonly Type[] s_own =
    [
        typeof(IConnectionIdFeature), typeof(IConnectionTransportFeature), typeof(IConnectionItemsFeature),
        typeof(IMemoryPoolFeature), typeof(IConnectionLifetimeFeature), typeof(IConnectionEndPointFeature),
    ];

    private readonly MemoryPool<byte> _pool;
    private IConnectionHeartbeatFeature? _heartbeat;
    private IConnectionCompleteFeature? _complete;
    private IConnectionLifetimeNotificationFeature? _lifetimeNotification;

    // Kestrel sets one feature of a type it keeps to itself; a second one (TLS) costs a dictionary.
    private Type? _otherType;
    private object? _other;
    private Dictionary<Type, object>? _others;

    private IDuplexPipe? _replacedTransport;
    private IDictionary<object, object?>? _items;
    private string? _id;
    private CancellationTokenSource? _closed;
    private int _closedState;
    private int _revision;

    protected FeatureConnection(EventLoop loop, MemoryPool<byte> pool)
        : base(loop) => _pool = pool;

    public abstract PipeReader Input { get; }

    public abstract PipeWriter Output { get; }

    public override IFeatureCollection Features => this;

    public MemoryPool<byte> MemoryPool => _pool;

    public bool IsReadOnly => false;

    public int Revision => _revision;

    public override string ConnectionId
    {
        get => _id ??= NewId();
        set => _id = value;
    }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new Dictionary<object, object?>();
        set => _items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _replacedTransport ?? this;
        set => _replacedTransport = ReferenceEquals(value, this) ? null : value;
    }

    /// <summary>
    /// Cancelled on the thread pool once the peer is done sending or the connection is closed. Any thread.
    /// </summary>
    public override CancellationToken ConnectionClosed
    {
        get
        {
            if (_closedState == ClosedReplaced) return base.ConnectionClosed;
            var source = Volatile.Read(ref _closed);
            if (source is not null) return source.Token;
            source = new CancellationTokenSource();
            source = Interlocked.CompareExchange(ref _closed, source, null) ?? source;
            // The loop sets the state and then looks for the source; here it is the other way round: one of the two
            // sees.
            if (Volatile.Read(ref _closedState) == ClosedSignaled) CancelOnThreadPool(source);
            return source.Token;
        }
        set
        {
            base.ConnectionClosed = value;
            _closedState = ClosedReplaced;
        }
    }

    /// <summary>True when someone else's pipe (TLS) stands between the handler and the socket.</summary>
    protected bool IsTransportReplaced => _replacedTransport is not null;

    /// <summary>True when someone asked to be told of the end of the connection.</summary>
    protected bool HasClosedListeners => Volatile.Read(ref _closed) is not null && _closedState == ClosedUnknown;

    /// <summary>Nobody has set, replaced or asked for what is not part of every connection.</summary>
    protected bool HasOnlyOwnFeatures =>
        (_heartbeat, _complete, _lifetimeNotification, _otherType, _others, _replacedTransport, _items, _closed)
            is (null, null, null, null, null, null, null, null)
        && _closedState != ClosedReplaced;

    public object? this[Type key]
    {
        get
        {
            if (_others is not null && _others.TryGetValue(key, out object? feature)) return feature;
            if (_otherType == key) return _other;
            if (key == typeof(IConnectionHeartbeatFeature)) return _heartbeat;
            if (key == typeof(IConnectionCompleteFeature)) return _complete;
            if (key == typeof(IConnectionLifetimeNotificationFeature)) return _lifetimeNotification;
            return IsOwn(key) ? this : null;
        }
        set
        {
            _revision++;
            if (key == typeof(IConnectionHeartbeatFeature)) _heartbeat = (IConnectionHeartbeatFeature?)value;
            else if (key == typeof(IConnectionCompleteFeature)) _complete = (IConnectionCompleteFeature?)value;
            else if (key == typeof(IConnectionLifetimeNotificationFeature))
                _lifetimeNotification = (IConnectionLifetimeNotificationFeature?)value;
            else SetOther(key, value);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        foreach (var own in s_own) yield return new(own, this[own]!);
        if (_heartbeat is not null) yield return new(typeof(IConnectionHeartbeatFeature), _heartbeat);
        if (_complete is not null) yield return new(typeof(IConnectionCompleteFeature), _complete);
        if (_lifetimeNotification is not null)
            yield return new(typeof(IConnectionLifetimeNotificationFeature), _lifetimeNotification);
        if (_otherType is not null) yield return new(_otherType, _other!);
        if (_others is null) yield break;
        foreach (var pair in _others)
        {
            if (Array.IndexOf(s_own, pair.Key) < 0) yield return pair;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A name for logs, unique within this process.</summary>
    protected abstract string NewId();

    /// <summary>For another client, when there were <see cref="HasOnlyOwnFeatures"/>. Loop thread.</summary>
    protected void RenewFeatures()
    {
        _id = null;
        _closedState = ClosedUnknown;
    }

    /// <summary>Ends <see cref="ConnectionClosed"/>, at most once. Loop thread.</summary>
    protected void SignalClosed()
    {
        if (Interlocked.CompareExchange(ref _closedState, ClosedSignaled, ClosedUnknown) != ClosedUnknown) return;
        if (Volatile.Read(ref _closed) is { } source) CancelOnThreadPool(source);
    }

    private static bool IsOwn(Type key) => Array.IndexOf(s_own, key) >= 0;

    // Who listens may take locks or run an application's code: not on a loop.
    private static void CancelOnThreadPool(CancellationTokenSource source) =>
        ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), source, preferLocal: false);

    private void SetOther(Type key, object? value)
    {
        if (_otherType == key || (_otherType is null && value is not null && !IsOwn(key) && _others is null))
        {
            _otherType = value is null ? null : key;
            _other = value;
            return;
        }
        if (value is not null) (_others ??= [])[key] = value;
        else _others?.Remove(key);
    }
}
