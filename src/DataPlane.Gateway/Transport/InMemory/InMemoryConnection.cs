using System.IO.Pipelines;
using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport.Portable;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Transport.InMemory;

/// <summary>
/// One end of a connection inside the process, for tests and benchmarks: two pipes with back-pressure, and the
/// half-close, close and reset of a socket.
/// </summary>
internal sealed class InMemoryConnection : PipedConnection
{
    /// <summary>Bytes a writer may be ahead of its reader: the order of a socket's buffer.</summary>
    public const int WindowBytes = 64 * 1024;

    private readonly PipeReader _incoming;
    private readonly PipeWriter _outgoing;
    private FeatureCollection? _features;
    private IDictionary<object, object?>? _items;
    private InMemoryConnection? _other;

    private InMemoryConnection(EventLoop loop, Pipe incoming, Pipe outgoing)
        : base(loop, new DuplexPipe(incoming.Reader, outgoing.Writer))
    {
        _incoming = incoming.Reader;
        _outgoing = outgoing.Writer;
    }

    public override string ConnectionId { get; set; } = "memory";

    public override IFeatureCollection Features => _features ??= new FeatureCollection();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new Dictionary<object, object?>();
        set => _items = value;
    }

    /// <summary>Two ends, each on its loop (which may be the same).</summary>
    public static (InMemoryConnection Near, InMemoryConnection Far) CreatePair(
        EventLoop near, EventLoop far, EndPoint? address = null)
    {
        var toNear = new Pipe(Options());
        var toFar = new Pipe(Options());
        var nearEnd = new InMemoryConnection(near, toNear, toFar) { RemoteEndPoint = address };
        var farEnd = new InMemoryConnection(far, toFar, toNear) { LocalEndPoint = address };
        nearEnd._other = farEnd;
        farEnd._other = nearEnd;
        return (nearEnd, farEnd);
    }

    public override bool CanHalfClose => true;

    public override void OnOutputCompleted() => TellOther(PeerState.HalfClosed);

    public override ValueTask DisposeAsync()
    {
        Close();
        return default;
    }

    public override void ReleaseInner() => _incoming.Complete();

    protected override void ResetInner()
    {
        _outgoing.Complete();
        TellOther(PeerState.Gone);
    }

    protected override void CloseInner()
    {
        _outgoing.Complete();
        TellOther(PeerState.HalfClosed);
    }

    // The loops' own wrappers bring continuations home: the pipes run them where they are.
    private static PipeOptions Options() => new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: WindowBytes, resumeWriterThreshold: WindowBytes / 2, useSynchronizationContext: false);

    private void TellOther(PeerState state)
    {
        var other = _other!;
        other.Loop.Post(_ => other.SetPeer(state), state: null);
    }
}
