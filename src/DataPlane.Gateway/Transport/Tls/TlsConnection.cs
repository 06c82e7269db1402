using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using DataPlane.Gateway.Loops;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// A connection after its TLS handshake, of a client or to an upstream: the plaintext on the loop, with the manners of
/// the connection below. Loop thread.
/// </summary>
internal sealed class TlsConnection : LoopConnection, IDuplexPipe, IPeerWatcher
{
    private readonly LoopConnection _inner;
    private readonly SslStream _tls;
    private readonly TlsPipeReader _reader;
    private readonly TlsPipeWriter _writer;
    private IDuplexPipe? _replacedTransport;
    private PeerState _peer;
    private bool _isDisposed;

    public TlsConnection(LoopConnection inner, RecordStream records, SslStream tls)
        : base(inner.Loop)
    {
        _inner = inner;
        _tls = tls;
        _reader = new TlsPipeReader(this, inner.Transport.Input, records, tls);
        _writer = new TlsPipeWriter(this, inner.Transport.Output, tls);
        records.IsOwned = true;
        inner.Watcher = this;
    }

    public LoopConnection Inner => _inner;

    public SslStream Tls => _tls;

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    /// <summary>True once <see cref="Close"/> or <see cref="Reset"/> was called on this side.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>True when nothing that is written will ever arrive.</summary>
    public bool IsOutputGone => IsClosed || Peer == PeerState.Gone;

    public override PeerState Peer
    {
        get => _peer > _inner.Peer ? _peer : _inner.Peer;
        protected set => _peer = value;
    }

    public override IDuplexPipe Transport
    {
        get => _replacedTransport ?? this;
        set => _replacedTransport = ReferenceEquals(value, this) ? null : value;
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override ValueTask<FlushResult> FlushSoonAsync() =>
        _replacedTransport is null ? _writer.FlushSoonAsync() : _replacedTransport.Output.FlushAsync();

    public override void Reset()
    {
        if (!Loop.IsCurrent)
        {
            Loop.Post(static state => ((TlsConnection)state!).Reset(), this);
            return;
        }
        if (IsClosed) return;
        IsClosed = true;
        _inner.Reset();
        End();
    }

    public override void Close()
    {
        if (!Loop.IsCurrent)
        {
            Loop.Post(static state => ((TlsConnection)state!).Close(), this);
            return;
        }
        if (IsClosed) return;
        SayGoodbye();
        IsClosed = true;
        _inner.InputExpected = InputExpected || _reader.HasKept;
        _inner.Close();
        End();
    }

    public override void Abort(ConnectionAbortedException abortReason) => Reset();

    public override async ValueTask DisposeAsync()
    {
        await Loop.SwitchTo();
        Close();
        DisposeTls();
        _reader.Complete();
        _writer.Complete();
    }

    /// <summary>
    /// Buffers close_notify (RFC 8446, 6.1), which the close or the completion of the output sends.
    /// </summary>
    public void SayGoodbye()
    {
        if (IsOutputGone || _isDisposed) return;
        try
        {
            _tls.ShutdownAsync().GetAwaiter().GetResult();
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            // Said already, or nobody to say it to.
        }
    }

    /// <summary>The reader came upon close_notify, or the connection's end.</summary>
    public void OnInputEnd()
    {
        if (Peer == PeerState.Open) _peer = PeerState.HalfClosed;
    }

    /// <summary>What came is not what the peer's TLS can have sent, or the TLS state is lost.</summary>
    public void OnBroken() => _peer = PeerState.Gone;

    void IPeerWatcher.OnPeerChanged(LoopConnection connection)
    {
        if (!IsClosed) Watcher?.OnPeerChanged(this);
    }

    private void End()
    {
        Watcher = null;
        _inner.Watcher = null;
        _reader.OnClosing();
        _writer.DropSlab();
        DisposeTls();
    }

    /// <summary>Gives OpenSSL's memory back, at once instead of with the next collection.</summary>
    private void DisposeTls()
    {
        _isDisposed = true;
        _tls.Dispose();
    }
}
