using System.Runtime.CompilerServices;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Loops;
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

    /// <summary>
    /// Steps 1 to 5: what the exchange comes to, known at once unless somebody has to be waited for. Does not throw:
    /// its caller waits by <see cref="Settlement{T}"/> and gives the task, done or failed, to <see cref="End"/>.
    /// </summary>
    public ValueTask<ExchangeOutcome> Begin(Exchange exchange, ResponseSink sink)
    {
        try
        {
            var snapshot = exchange.Snapshot = snapshots.For(exchange.Lot);
            exchange.Identify(snapshot.Forwarding.TraceContext, snapshot.Forwarding.Tracing);
            var outcome = Match(exchange, snapshot);
            if (outcome == ExchangeOutcome.Completed)
                outcome = Pressure.IsCritical ? ExchangeOutcome.MemoryShort : InFlightBounds.Enter(exchange);
            if (outcome != ExchangeOutcome.Completed) return new(outcome);
            var route = exchange.Route!;
            if (route.TimeoutMs > 0) exchange.ArmTimeout(route.TimeoutMs);
            for (int index = 0; index < route.RequestPolicies.Length; index++)
            {
                var verdict = route.RequestPolicies[index].OnRequest(exchange);
                if (verdict == Verdict.Suspend) return ResumeAsync(exchange, sink, index);
                if (verdict == Verdict.Reply) return new(exchange.ReplyOutcome);
            }
            return route.Integration.InvokeAsync(exchange, sink);
        }
        catch (Exception defect)
        {
            return ValueTask.FromException<ExchangeOutcome>(defect);
        }
    }

    /// <summary>
    /// Steps 6 and 7 for an <paramref name="answer"/> that is there. The sink is complete or aborted when the task is
    /// done, which is at once unless the client takes its response slowly.
    /// </summary>
    public ValueTask<ExchangeOutcome> End(Exchange exchange, ResponseSink sink, ValueTask<ExchangeOutcome> answer)
    {
        ExchangeOutcome outcome;
        try
        {
            outcome = answer.GetAwaiter().GetResult();
            Settle(exchange, sink, outcome);
            var completion = sink.CompleteAsync();
            if (!completion.IsCompletedSuccessfully) return EndLaterAsync(exchange, sink, outcome, completion);
            if (!completion.Result) outcome = sink.Unsent(outcome);
        }
        catch (Exception defect)
        {
            outcome = Break(exchange, sink, defect);
        }
        return new(Finish(exchange, sink, outcome));
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

    /// <summary>A policy has to wait: on with it, with those behind it, and with the integration.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<ExchangeOutcome> ResumeAsync(Exchange exchange, ResponseSink sink, int index)
    {
        var route = exchange.Route!;
        var verdict = Verdict.Suspend;
        while (true)
        {
            if (verdict == Verdict.Suspend) verdict = await route.RequestPolicies[index].ResumeAsync(exchange);
            if (verdict == Verdict.Reply) return exchange.ReplyOutcome;
            if (++index == route.RequestPolicies.Length) return await route.Integration.InvokeAsync(exchange, sink);
            verdict = route.RequestPolicies[index].OnRequest(exchange);
        }
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> EndLaterAsync(
        Exchange exchange, ResponseSink sink, ExchangeOutcome outcome, ValueTask<bool> completion)
    {
        try
        {
            if (!await completion) outcome = sink.Unsent(outcome);
        }
        catch (Exception defect)
        {
            outcome = Break(exchange, sink, defect);
        }
        return Finish(exchange, sink, outcome);
    }

    private ExchangeOutcome Finish(Exchange exchange, ResponseSink sink, ExchangeOutcome outcome)
    {
        InFlightBounds.Leave(exchange);
        Record(exchange, sink, outcome);
        return outcome;
    }

    /// <summary>A connection has failed by our fault, outside of its exchanges. Any thread.</summary>
    public void NoteDefect(Exception defect) => ProcessorLog.ConnectionDefect(logger, defect);

    private ExchangeOutcome Break(Exchange exchange, ResponseSink sink, Exception defect)
    {
        ProcessorLog.Defect(logger, exchange.Match.Route?.Id, defect);
        sink.Abort();
        return ExchangeOutcome.InternalError;
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
        LocalReplies.For(exchange, outcome).Send(exchange, sink);
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
