using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Http2;
using DataPlane.Gateway.Upstreams.Retries;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// Proxies an exchange to an upstream that speaks HTTP/2: a stream on a connection that all loops share. Endpoints,
/// health, admission and retries are the upstream's, as for HTTP/1.1; the protocol is the runtime's client, which works
/// on threads of its own. Its exceptions end here and become outcomes. Immutable; loop threads.
/// </summary>
public sealed class Http2Integration(Upstream upstream, CompiledTemplate? rewrite, bool grpcWeb, TimeProvider time)
    : IIntegration, IExplainedTarget
{
    private readonly RetryPolicy? _retries = upstream.Retries;
    private readonly UpstreamGate? _gate = upstream.Gate;
    private readonly Http2Clients _clients = upstream.Http2!;

    public string UpstreamName => upstream.Name;

    /// <summary>The same for the upstream of this name in another generation. Cold.</summary>
    public Http2Integration With(IReadOnlyDictionary<string, Upstream> upstreams) =>
        new(upstreams[upstream.Name], rewrite, grpcWeb, time);

    public TargetExplanation Explain(Exchange exchange) =>
        new($"upstream {upstream.Name}, HTTP/2, {upstream.Endpoints.Count} endpoints");

    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        var kind = GrpcKinds.Of(exchange);
        if (GrpcWeb.Speaks(kind) && !grpcWeb) kind = GrpcKind.None;
        if (kind == GrpcKind.Grpc && !exchange.IsHttp2) return new(ExchangeOutcome.Http2Required);
        if (_gate is not null && !_gate.TryEnter(exchange, out var refusal)) return new(refusal);
        exchange.UpstreamStartTimestamp = time.GetTimestamp();
        _retries?.CountRequest(exchange.Loop);
        if (kind != GrpcKind.None) GrpcCalls.ArmDeadline(exchange);
        return RunAsync(exchange, sink, kind);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> RunAsync(Exchange exchange, ResponseSink sink, GrpcKind kind)
    {
        var call = Http2Calls.Rent(exchange.Loop);
        try
        {
            var content = RequestContent.Of(exchange, call, kind, out var outcome);
            if (outcome != ExchangeOutcome.Completed) return End(exchange, call, outcome);
            outcome = ExchangeOutcome.UpstreamUnavailable;
            for (var endpoint = upstream.Set.Pick(exchange); endpoint is not null;)
            {
                (outcome, bool isRefused) = await TryAsync(exchange, sink, call, endpoint, content, kind);
                endpoint = Next(exchange, endpoint, outcome, isRefused);
                if (endpoint is null || exchange.Retries is not { DelayMs: > 0 }) continue;
                outcome = await Upstream.DelayAsync(exchange);
                if (outcome != ExchangeOutcome.Completed) break;
            }
            if (content is UploadContent upload) await upload.CloseAsync();
            return End(exchange, call, outcome);
        }
        catch
        {
            // A defect of ours: the processor reports it.
            End(exchange, call, ExchangeOutcome.InternalError);
            throw;
        }
    }

    /// <summary>One try, to its end. True when its response was dropped for another one.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<(ExchangeOutcome Outcome, bool IsRefused)> TryAsync(
        Exchange exchange, ResponseSink sink, Http2Call call, UpstreamEndpoint endpoint, HttpContent? content,
        GrpcKind kind)
    {
        HttpResponseMessage? response = null;
        bool isRefused = false;
        ExchangeOutcome outcome;
        call.Begin(exchange, endpoint, upstream.Settings);
        // Nobody was told while there was nothing to be ended.
        if (exchange.CancelReason != CancelReason.None) call.Stop(exchange.CancelOutcome);
        try
        {
            var client = _clients.Of(endpoint);
            var request = RequestMessages.Make(exchange, endpoint, client, rewrite, kind, content);
            if (content is not UploadContent) call.Arm(call.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
            // Replies to earlier pipelined requests must not wait for this upstream.
            var earlier = sink.FlushAsync();
            if (!earlier.IsCompletedSuccessfully) await earlier;
            if (request is null)
            {
                outcome = ExchangeOutcome.BadRequest;
            }
            else
            {
                response = await client.SendAsync(request, call.Token);
                outcome = TakeHead(exchange, call, response, kind);
                isRefused = outcome == ExchangeOutcome.Completed && Refuses(exchange, call);
                if (outcome == ExchangeOutcome.Completed && !isRefused)
                    outcome = await BodyRelay.RunAsync(exchange, sink, call, response, kind);
                if (outcome == ExchangeOutcome.Completed && !isRefused)
                    outcome = await ResponseTrailers.RelayAsync(exchange, sink, call, response, kind);
            }
        }
        catch (Exception fault) when (Http2Fault.Of(fault) is { } meaning)
        {
            if (Http2Fault.IsHandshake(fault)) upstream.OnHandshakeFailed(endpoint, fault);
            outcome = call.StopReason != ExchangeOutcome.Completed ? call.StopReason
                : sink.IsStarted ? ExchangeOutcome.UpstreamTruncated
                : meaning;
        }
        // Resets the stream when the response is not at its end.
        response?.Dispose();
        if (content is UploadContent upload) await upload.StopAsync();
        exchange.UpstreamEndTimestamp = time.GetTimestamp();
        Observe(exchange, call, endpoint, outcome);
        call.End();
        return (outcome, isRefused);
    }

    private static ExchangeOutcome TakeHead(
        Exchange exchange, Http2Call call, HttpResponseMessage response, GrpcKind kind)
    {
        long elapsed = exchange.Loop.NowTimestamp - exchange.UpstreamStartTimestamp;
        exchange.FirstByteTicks = Math.Max(1, elapsed);
        return ResponseHeads.TryTake(exchange, call, response, kind)
            ? ExchangeOutcome.Completed
            : ExchangeOutcome.UpstreamProtocolError;
    }

    private void Observe(Exchange exchange, Http2Call call, UpstreamEndpoint endpoint, ExchangeOutcome outcome)
    {
        if (IsConnectFailure(outcome))
        {
            upstream.OnConnectFailed(endpoint, exchange.Loop, outcome);
            return;
        }
        int status = Math.Max(call.Head.StatusCode, GrpcStatuses.ToHttp(exchange.GrpcStatus));
        upstream.Health.Observe(endpoint, exchange.Loop, outcome, status);
    }

    private bool Refuses(Exchange exchange, Http2Call call) =>
        _retries is not null && _retries.TryRefuse(exchange, call.Head.StatusCode);

    /// <summary>The endpoint of another try; null when there is none.</summary>
    private UpstreamEndpoint? Next(
        Exchange exchange, UpstreamEndpoint tried, ExchangeOutcome outcome, bool isRefused)
    {
        if (_retries is null) return null;
        if (isRefused) return upstream.PickOther(exchange);
        if (IsConnectFailure(outcome))
        {
            bool tookTime = outcome == ExchangeOutcome.UpstreamConnectTimeout;
            return _retries.TryConnectAgain(exchange, tried, tookTime) ? upstream.NextOf(exchange, tried) : null;
        }
        return _retries.TryAgain(exchange, outcome) ? upstream.PickOther(exchange) : null;
    }

    private static bool IsConnectFailure(ExchangeOutcome outcome) =>
        outcome is ExchangeOutcome.UpstreamConnectFailed or ExchangeOutcome.UpstreamConnectTimeout
            or ExchangeOutcome.UpstreamTlsFailed;

    private ExchangeOutcome End(Exchange exchange, Http2Call call, ExchangeOutcome outcome)
    {
        call.End();
        call.ReleaseHead();
        Http2Calls.Return(call);
        return _gate is null ? outcome : _gate.Leave(exchange, outcome);
    }
}
