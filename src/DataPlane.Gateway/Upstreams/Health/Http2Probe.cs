using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Http2;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// Asks an endpoint over the HTTP/2 connections its exchanges use: with GET, or by gRPC's health checking protocol
/// (grpc/doc/health-checking.md). Loop thread; cold.
/// </summary>
internal sealed class Http2Probe(
    UpstreamEndpoint endpoint, ActiveHealthConfig config, Upstream upstream, EventLoop loop)
    : IHealthProbe, ILoopTimerTarget
{
    private const int Serving = 1;

    private readonly ExpectedAnswer _expected = new(config);
    private LoopTimer? _deadline;
    private StreamWait? _wait;
    private UpstreamStream? _stream;
    private bool _timedOut;

    public async Task<ProbeOutcome> RunAsync()
    {
        _timedOut = false;
        _deadline ??= new LoopTimer(this);
        loop.Timers.Set(_deadline, loop.NowMs + TimeoutMs);
        try
        {
            _wait = new StreamWait(loop, config.GrpcService is null ? RequestMethod.Get : RequestMethod.Post,
                HeadLimits.Default);
            var (stream, outcome) = await endpoint.Pool(loop.Index).Http2.ProbeAsync(upstream, _wait);
            _stream = stream;
            if (_timedOut) return ProbeOutcome.TimedOut(config.Timeout);
            return stream is null ? Failed(outcome) : await AskAsync(stream);
        }
        finally
        {
            loop.Timers.Cancel(_deadline);
            _stream?.Release();
            _stream = null;
            _wait = null;
        }
    }

    public void Close()
    {
        // The connections are the exchanges'.
    }

    void ILoopTimerTarget.OnTimer(LoopTimer timer)
    {
        _timedOut = true;
        _wait?.TryEnd(new StreamLease(null, ExchangeOutcome.UpstreamConnectTimeout));
        _stream?.Interrupt();
    }

    private int TimeoutMs => (int)config.Timeout.TotalMilliseconds;

    private async Task<ProbeOutcome> AskAsync(UpstreamStream stream)
    {
        if (!TrySend(stream)) return Failed(ExchangeOutcome.UpstreamClosed);
        var body = new MemoryStream();
        while (!_timedOut && stream.Failure == ExchangeOutcome.Completed)
        {
            while (stream.FirstRun is { IsEmpty: false } run)
            {
                body.Write(run.Span);
                stream.Advance(run.Length);
            }
            bool isEnough = stream.HasEnded || body.Length >= Limits.HealthAnswerBytes;
            if (isEnough)
            {
                return config.GrpcService is null
                    ? _expected.Judge(stream.Head.StatusCode, body.ToArray())
                    : JudgeCall(stream, body);
            }
            await stream.ChangedAsync();
        }
        return _timedOut ? ProbeOutcome.TimedOut(config.Timeout) : Failed(stream.Failure);
    }

    private bool TrySend(UpstreamStream stream)
    {
        if (stream.IsGone) return false;
        string path = config.Path ?? "/grpc.health.v1.Health/Check";
        byte[] host = config.Host is null ? endpoint.AuthorityUtf8 : Encoding.ASCII.GetBytes(config.Host);
        byte[] target = Encoding.ASCII.GetBytes(path);
        int bound = HpackWriter.Bound(target.Length + host.Length, 64);
        var writer = new HpackWriter(stream.Connection.ReserveBlock(bound));
        if (stream.Connection.IsFresh) writer.PutNoTable();
        writer.PutIndexed(config.GrpcService is null ? HpackStaticTable.MethodGet : HpackStaticTable.MethodPost);
        writer.PutIndexed(endpoint.Tls is null ? HpackStaticTable.SchemeHttp : HpackStaticTable.SchemeHttps);
        writer.PutNamed(HpackStaticTable.Path, target);
        writer.PutNamed(HpackStaticTable.Authority, host);
        writer.PutField(KnownHeader.UserAgent, default, "dataplane-health"u8);
        if (config.GrpcService is not { } service)
        {
            writer.PutField(KnownHeader.Accept, default, "*/*"u8);
            return stream.Connection.TrySendBlock(stream, writer.Length, endsStream: true);
        }
        writer.PutField(KnownHeader.ContentType, default, "application/grpc"u8);
        writer.PutField(KnownHeader.Te, "te"u8, "trailers"u8);
        writer.PutField(KnownHeader.Other, "grpc-timeout"u8, Encoding.ASCII.GetBytes($"{TimeoutMs}m"));
        byte[] message = HealthMessages.Request(service);
        // A service has a short name, and every new stream has a window for it.
        return stream.Connection.TrySendBlock(stream, writer.Length, endsStream: false)
            && stream.Send(message, endsStream: true) == message.Length;
    }

    private static ProbeOutcome JudgeCall(UpstreamStream stream, MemoryStream body)
    {
        if (stream.Head.StatusCode != 200 || !stream.TryFindLast("grpc-status"u8, out var status))
            return new ProbeOutcome(CheckResult.BadAnswer, "its answer is not gRPC");
        if (!status.SequenceEqual("0"u8))
        {
            return new ProbeOutcome(
                CheckResult.UnexpectedStatus, $"it answered with gRPC status {Encoding.ASCII.GetString(status)}");
        }
        return HealthMessages.ServingStatus(body.ToArray()) == Serving
            ? new ProbeOutcome(CheckResult.Success, "it is serving")
            : new ProbeOutcome(CheckResult.UnexpectedBody, "it says that it is not serving");
    }

    private static ProbeOutcome Failed(ExchangeOutcome outcome) => outcome
        is ExchangeOutcome.UpstreamConnectFailed or ExchangeOutcome.UpstreamConnectTimeout
        or ExchangeOutcome.UpstreamTlsFailed
        ? new ProbeOutcome(CheckResult.ConnectFailed, "the connect failed")
        : new ProbeOutcome(CheckResult.BadAnswer, $"its answer broke off: {ErrorTable.Of(outcome).Label}");
}
