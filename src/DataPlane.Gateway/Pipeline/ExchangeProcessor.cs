using System.Runtime.CompilerServices;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline.Grpc;
using DataPlane.Gateway.Routing;
using DataPlane.Http.Requests;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// The life of a request, whatever protocol brought it:
/// <list type="number">
/// <item>read the snapshot, once;</item>
/// <item>work out the canonical path and match the route, else a local 400, 404 or 405;</item>
/// <item>enter the bounds of listener and route, else a local 503;</item>
/// <item>walk the request policies: continue, reply, or await and go on;</item>
/// <item>invoke the integration, which writes the response through the sink;</item>
/// <item>turn a failure into a local reply if nothing was sent, else break the response off;</item>
/// <item>complete the sink, fill the record, call the recorders.</item>
/// </list>
/// One per process; loop threads; 0 bytes.
/// </summary>
public sealed class ExchangeProcessor(
    SnapshotStore snapshots, IExchangeRecorder[] recorders, TimeProvider time, ILogger<ExchangeProcessor> logger)
{
    public TimeProvider Time => time;

    /// <summary>How short of memory the process is.</summary>
    public MemoryPressure Pressure { get; init; } = new();

    /// <summary>The configuration in force.</summary>
    public GatewaySnapshot Snapshot => snapshots.Current;

    /// <summary>The configuration that the next exchange of a connection gets.</summary>
    public GatewaySnapshot SnapshotFor(uint lot) => snapshots.For(lot);

    /// <summary>Handles one exchange to its end. The sink is complete or aborted when the task is done.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> ProcessAsync(Exchange exchange, ResponseSink sink)
    {
        ExchangeOutcome outcome;
        try
        {
            var snapshot = exchange.Snapshot = snapshots.For(exchange.Lot);
            exchange.Identify(snapshot.Forwarding.TraceContext, snapshot.Forwarding.Tracing);
            outcome = Match(exchange, snapshot);
            if (outcome == ExchangeOutcome.Completed) outcome = Admit(exchange);
            if (outcome == ExchangeOutcome.Completed)
            {
                if (exchange.Route!.TimeoutMs > 0) exchange.ArmTimeout(exchange.Route.TimeoutMs);
                var verdict = exchange.Route!.RequestPolicies.Length == 0
                    ? Verdict.Continue
                    : await ApplyPoliciesAsync(exchange, exchange.Route.RequestPolicies);
                outcome = verdict == Verdict.Continue
                    ? await exchange.Route.Integration.InvokeAsync(exchange, sink)
                    : exchange.ReplyOutcome;
            }
            Settle(exchange, sink, outcome);
            if (!await sink.CompleteAsync() && outcome is ExchangeOutcome.Completed or ExchangeOutcome.LocalReply)
            {
                outcome = sink.Failure == ExchangeOutcome.Completed ? ExchangeOutcome.ClientAborted : sink.Failure;
            }
        }
        catch (Exception defect)
        {
            outcome = ExchangeOutcome.InternalError;
            ProcessorLog.Defect(logger, exchange.Match.Route?.Id, defect);
            sink.Abort();
        }
        Release(exchange);
        Record(exchange, sink, outcome);
        return outcome;
    }

    /// <summary>
    /// Answers a head that could not be parsed, or did not arrive in time; the connection closes after it.
    /// </summary>
    public void Refuse(Exchange exchange, ResponseSink sink, ExchangeOutcome outcome, LocalReply reply)
    {
        exchange.Snapshot = snapshots.For(exchange.Lot);
        exchange.Identify(traceContext: false);
        reply.Send(exchange, sink);
        Record(exchange, sink, outcome);
    }

    /// <summary>The route, or how an exchange ends that has none. 0 bytes.</summary>
    internal static ExchangeOutcome Match(Exchange exchange, GatewaySnapshot snapshot)
    {
        var request = exchange.Request;
        if (request.Form == TargetForm.Asterisk)
        {
            exchange.Reply = LocalReplies.ServerOptions;
            return ExchangeOutcome.LocalReply;
        }
        if (exchange.Facts?.Tls is { } tls && !tls.Serves(exchange.Host)) return ExchangeOutcome.Misdirected;
        if (!exchange.Resolve(out var fault, out var traits))
        {
            exchange.Reply = LocalReplies.For(fault);
            return ExchangeOutcome.BadRequest;
        }
        var status = snapshot.Routes.Match(
            exchange.Host, exchange.CanonicalPath, request, exchange.HeadBytes, exchange.Match);
        if (status == RouteMatchStatus.NotFound) return ExchangeOutcome.RouteNotFound;
        if (status == RouteMatchStatus.MethodNotAllowed)
        {
            exchange.Response.Allow = exchange.Match.Allow;
            return ExchangeOutcome.MethodNotAllowed;
        }
        var route = exchange.Route!;
        if ((traits & PathTraits.EncodedSlash) != 0 && !route.AllowsEncodedSlash)
        {
            return ExchangeOutcome.EncodedSlashRefused;
        }
        return request.ContentLength > route.RequestBodyBytes
            ? ExchangeOutcome.RequestBodyTooLarge
            : ExchangeOutcome.Completed;
    }

    /// <summary>Bounds on what is under way; each is left again by <see cref="Release"/>.</summary>
    private ExchangeOutcome Admit(Exchange exchange)
    {
        if (Pressure.IsCritical) return ExchangeOutcome.MemoryShort;
        if (exchange.Listener.InFlight is { } ofListener)
        {
            if (!ofListener.TryEnter(exchange.Loop)) return ExchangeOutcome.ListenerOverloaded;
            exchange.Bounds |= ExchangeBounds.Listener;
        }
        if (exchange.Route!.InFlight is { } ofRoute)
        {
            if (!ofRoute.TryEnter(exchange.Loop)) return ExchangeOutcome.RouteOverloaded;
            exchange.Bounds |= ExchangeBounds.Route;
        }
        return ExchangeOutcome.Completed;
    }

    private static void Release(Exchange exchange)
    {
        if (exchange.Bounds == ExchangeBounds.None) return;
        if ((exchange.Bounds & ExchangeBounds.Listener) != 0) exchange.Listener.InFlight!.Leave(exchange.Loop);
        if ((exchange.Bounds & ExchangeBounds.Route) != 0) exchange.Route!.InFlight!.Leave(exchange.Loop);
        if ((exchange.Bounds & ExchangeBounds.Caller) != 0) exchange.CallerPlace.Leave();
        exchange.Bounds = ExchangeBounds.None;
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<Verdict> ApplyPoliciesAsync(Exchange exchange, IRequestPolicy[] policies)
    {
        foreach (var policy in policies)
        {
            var verdict = policy.OnRequest(exchange);
            if (verdict == Verdict.Suspend) verdict = await policy.ResumeAsync(exchange);
            if (verdict == Verdict.Reply) return verdict;
        }
        return Verdict.Continue;
    }

    /// <summary>
    /// Makes the local reply an outcome asks for, or breaks off a response that can no longer be replaced.
    /// </summary>
    private static void Settle(Exchange exchange, ResponseSink sink, ExchangeOutcome outcome)
    {
        // A tunnel has ended both of its sides itself.
        if (exchange.Upgrade?.Tunnel is not null) return;
        if (outcome == ExchangeOutcome.Completed || (outcome == ExchangeOutcome.LocalReply && sink.IsStarted)) return;
        if (sink.IsStarted || outcome is ExchangeOutcome.ClientAborted or ExchangeOutcome.ClientTooSlow)
        {
            sink.Abort();
            return;
        }
        ReplyTo(exchange, outcome).Send(exchange, sink);
    }

    /// <summary>A gRPC client understands no problem document; asked only when there is something to say.</summary>
    private static LocalReply ReplyTo(Exchange exchange, ExchangeOutcome outcome)
    {
        var kind = outcome == ExchangeOutcome.Http2Required ? GrpcKind.None : GrpcKinds.Of(exchange);
        if (exchange.Reply is { } reply)
            return kind == GrpcKind.None || reply.StatusCode < 400 ? reply : GrpcReplies.For(kind, reply.StatusCode);
        return kind == GrpcKind.None ? LocalReplies.For(outcome) : GrpcReplies.For(kind, outcome);
    }

    private void Record(Exchange exchange, ResponseSink sink, ExchangeOutcome outcome)
    {
        var record = new ExchangeRecord
        {
            Exchange = exchange,
            Outcome = outcome,
            StatusCode = sink.IsStarted ? exchange.Response.StatusCode : ErrorTable.Of(outcome).StatusCode,
            TotalTicks = time.GetTimestamp() - exchange.StartTimestamp,
            UpstreamTicks = Math.Max(0, exchange.UpstreamEndTimestamp - exchange.UpstreamStartTimestamp),
            BytesReceived = exchange.Request.HeadLength + exchange.BodyBytesReceived,
            BytesSent = sink.BytesSent,
        };
        foreach (var recorder in recorders) recorder.Record(in record);
        exchange.Snapshot?.Tally?.Count(exchange, outcome, record.StatusCode);
    }
}
