using System.IO.Pipelines;
using System.Net;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Transport;
using Microsoft.AspNetCore.Http.Features;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// A loop's connection with nothing behind it: the benchmark plays the peer, so that a figure is our own code and no
/// system call. System.IO.Pipelines would allocate and cost as much as what is measured.
/// </summary>
internal sealed class HollowConnection : LoopConnection, IDuplexPipe
{
    private IInputTaker? _taker;

    public HollowConnection(EventLoop loop, EndPoint remote)
        : base(loop)
    {
        RemoteEndPoint = remote;
        Transport = this;
    }

    public LentReader Input { get; } = new();

    public CountingWriter Output { get; } = new();

    public bool IsClosed { get; private set; }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId { get; set; } = "hollow";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    PipeReader IDuplexPipe.Input => Input;

    PipeWriter IDuplexPipe.Output => Output;

    public override void OfferInputTo(IInputTaker? taker) => _taker = taker;

    public override int SendNow(ReadOnlySpan<byte> bytes) => Output.SendNow(bytes);

    /// <summary>Bytes from the peer that somebody may take at once; how many were taken.</summary>
    public int Offer(ReadOnlySpan<byte> bytes) => _taker is null ? 0 : _taker.Take(this, bytes);

    public override void Reset() => IsClosed = true;

    public override void Close() => IsClosed = true;
}
