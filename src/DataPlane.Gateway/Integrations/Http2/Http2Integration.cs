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
/// Proxies an exchange to an upstream that speaks HTTP/2: a stream on a connection that exchanges of its loop share.
/// Endpoints, health, admission and retries are the upstream's, as for HTTP/1.1. Upload and response run side by side.
/// A stream that its upstream did not work on is replaced, whatever its method. Immutable; loop threads; 0 bytes on a
/// warm connection.
/// </summary>
public sealed class Http2Integration(Upstream upstream, CompiledTemplate? rewrite, bool grpcWeb, TimeProvider time)
    : IIntegration, IExplainedTarget
{
    private readonly RetryPolicy? _retries = upstream.Retries;
    private readonly UpstreamGate? _gate = upstream.Gate;

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
            var outcome = call.Begin(exchange, kind, upstream.Settings);
            if (outcome != ExchangeOutcome.Completed) return End(exchange, call, outcome);
            outcome = ExchangeOutcome.UpstreamUnavailable;
            int unprocessed = 0;
            for (var endpoint = upstream.Set.Pick(exchange); endpoint is not null;)
            {
                (outcome, var verdict) = await TryAsync(exchange, sink, call, endpoint);
                if (verdict == TryVerdict.Unprocessed && (!call.IsBodyWhole || ++unprocessed > Limits.UnprocessedTries))
                    verdict = TryVerdict.Ended;
                endpoint = Next(exchange, endpoint, outcome, verdict);
                call.ForgetTimeout();
                if (endpoint is null || exchange.Retries is not { DelayMs: > 0 }) continue;
                outcome = await Upstream.DelayAsync(exchange);
                if (outcome != ExchangeOutcome.Completed) break;
            }
            await call.CloseBodyAsync();
            return End(exchange, call, outcome);
        }
        catch
        {
            // A defect of ours: the processor reports it.
            End(exchange, call, ExchangeOutcome.InternalError);
            throw;
        }
    }

    /// <summary>One try, to its end.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<(ExchangeOutcome Outcome, TryVerdict Verdict)> TryAsync(
        Exchange exchange, ResponseSink sink, Http2Call call, UpstreamEndpoint endpoint)
    {
        call.BeginTry(endpoint);
        var taking = call.TakeStreamAsync(upstream, sink);
        var (stream, outcome) = taking.IsCompletedSuccessfully ? taking.Result : await taking;
        var verdict = TryVerdict.Ended;
        if (stream is not null && outcome == ExchangeOutcome.Completed)
        {
            bool isEmpty = call.HoldsBody && call.Held.IsEmpty && call.Body.Trailers is null;
            outcome = RequestBlocks.Send(exchange, endpoint, rewrite, call, endsStream: isEmpty);
            if (outcome == ExchangeOutcome.UpstreamClosed)
            {
                verdict = TryVerdict.Unprocessed;
            }
            else if (outcome == ExchangeOutcome.Completed)
            {
                ValueTask<bool> upload = default;
                bool uploads = !isEmpty && !StreamUpload.TryRun(call, exchange.RequestRules);
                if (uploads) upload = StreamUpload.RunAsync(call, exchange.RequestRules);
                else call.Arm(call.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
                // Replies to earlier pipelined requests must not wait for this upstream.
                var earlier = sink.FlushAsync();
                if (!earlier.IsCompletedSuccessfully) await earlier;

                while (!stream.HasHead && stream.Failure == ExchangeOutcome.Completed
                    && call.StopReason == ExchangeOutcome.Completed)
                    await stream.ChangedAsync();
                outcome = OutcomeOf(exchange, call, stream);
                if (outcome == ExchangeOutcome.Completed && Refuses(exchange, stream)) verdict = TryVerdict.Refused;
                else if (outcome == ExchangeOutcome.Completed && !BodyRelay.TryRun(exchange, sink, call))
                    outcome = await BodyRelay.RunAsync(exchange, sink, call);
                if (outcome == ExchangeOutcome.Completed && verdict == TryVerdict.Ended)
                    outcome = await ResponseTrailers.RelayAsync(exchange, sink, call);
                if (uploads) await StreamUpload.EndAsync(call, upload);
                if (outcome != ExchangeOutcome.Completed && !sink.IsStarted) verdict = VerdictOn(exchange, stream);
            }
        }
        exchange.UpstreamEndTimestamp = time.GetTimestamp();
        if (verdict is TryVerdict.Ended or TryVerdict.Refused) Observe(exchange, call, endpoint, outcome);
        call.EndTry();
        return (outcome, verdict);
    }

    /// <summary>Of the wait for a head.</summary>
    private static ExchangeOutcome OutcomeOf(Exchange exchange, Http2Call call, UpstreamStream stream)
    {
        if (!stream.HasHead)
            return call.StopReason != ExchangeOutcome.Completed ? call.StopReason : stream.Failure;
        exchange.FirstByteTicks = Math.Max(1, exchange.Loop.NowTimestamp - exchange.UpstreamStartTimestamp);
        return call.StopReason;
    }

    /// <summary>What a try says that has failed with nothing sent to the client.</summary>
    private static TryVerdict VerdictOn(Exchange exchange, UpstreamStream stream)
    {
        if (exchange.FirstByteTicks != 0 || exchange.CancelReason != CancelReason.None) return TryVerdict.Ended;
        if (stream.IsUnprocessed) return TryVerdict.Unprocessed;
        return stream.IsStale ? TryVerdict.Stale : TryVerdict.Ended;
    }

    private void Observe(Exchange exchange, Http2Call call, UpstreamEndpoint endpoint, ExchangeOutcome outcome)
    {
        if (IsConnectFailure(outcome))
        {
            upstream.OnConnectFailed(endpoint, exchange.Loop, outcome);
            return;
        }
        int status = Math.Max(call.Stream?.Head.StatusCode ?? 0, GrpcStatuses.ToHttp(exchange.GrpcStatus));
        upstream.Health.Observe(endpoint, exchange.Loop, outcome, status);
    }

    private bool Refuses(Exchange exchange, UpstreamStream stream) =>
        _retries is not null && _retries.TryRefuse(exchange, stream.Head.StatusCode);

    /// <summary>The endpoint of another try; null when there is none.</summary>
    private UpstreamEndpoint? Next(
        Exchange exchange, UpstreamEndpoint tried, ExchangeOutcome outcome, TryVerdict verdict)
    {
        if (verdict == TryVerdict.Unprocessed)
        {
            // Nothing was worked on, whatever the method: it does not count, and others come first.
            exchange.Tries--;
            (exchange.Retries ??= new ExchangeRetries()).Add(tried);
            return upstream.PickOther(exchange);
        }
        if (_retries is null) return null;
        if (verdict == TryVerdict.Refused) return upstream.PickOther(exchange);
        if (verdict == TryVerdict.Stale && _retries.TryReplace(exchange)) return tried;
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
        Http2Calls.Return(call);
        return _gate is null ? outcome : _gate.Leave(exchange, outcome);
    }
}
