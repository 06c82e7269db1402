using System.Buffers;
using System.Runtime.CompilerServices;
using DataPlane.Config;
using DataPlane.Gateway.Integrations.Http;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Retries;
using DataPlane.Http;
using DataPlane.Http.Requests;
using DataPlane.Lambda.Calling;
using DataPlane.Lambda.Hosting;
using DataPlane.Lambda.Signing;

namespace DataPlane.Lambda.Remote;

/// <summary>
/// Has a function somewhere else answer an exchange by Lambda's Invoke API, over the connections of an upstream: its
/// pool, TLS, health, bounds and budget of retries are those of any other. Immutable; loop threads; 0 bytes on a warm
/// connection, but for streamed answers.
/// </summary>
internal sealed class RemoteIntegration(
    RemoteFunction function, Upstream upstream, FunctionHost host, FunctionRoute route, CallScratch[] scratches,
    RemoteRequest[] requests) : IIntegration
{
    private readonly RetryPolicy? _retries = upstream.Retries;
    private readonly UpstreamGate? _gate = upstream.Gate;

    /// <summary>The service queues the event, and the client is told 202.</summary>
    public bool IsQueued { get; init; }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        var invocation = host.Rent(exchange.Loop);
        var made = await RequestEvent.MakeAsync(exchange, invocation, route, Scratch(exchange));
        if (made != ExchangeOutcome.Completed) return Leave(invocation, made);
        if (_gate is not null && !_gate.TryEnter(exchange, out var refusal)) return Leave(invocation, refusal);
        exchange.UpstreamStartTimestamp = exchange.Loop.Time.GetTimestamp();
        exchange.HoldsBody = true;
        _retries?.CountRequest(exchange.Loop);
        ExchangeOutcome outcome;
        try
        {
            outcome = await RunAsync(exchange, sink, invocation);
        }
        catch
        {
            _gate?.Leave(exchange, ExchangeOutcome.InternalError);
            throw;
        }
        return Leave(invocation, _gate is null ? outcome : _gate.Leave(exchange, outcome));
    }

    private static ExchangeOutcome Leave(Invocation invocation, ExchangeOutcome outcome)
    {
        invocation.Recycle();
        return outcome;
    }

    private CallScratch Scratch(Exchange exchange) => scratches[exchange.Loop.Index];

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> RunAsync(Exchange exchange, ResponseSink sink, Invocation invocation)
    {
        // Replies to earlier pipelined requests must not wait for the function.
        var earlier = sink.FlushAsync();
        if (!earlier.IsCompletedSuccessfully) await earlier;
        SigningCredentials? credentials = null;
        if (function.Credentials is { } source)
        {
            credentials = await source.GetAsync();
            if (exchange.CancelReason != CancelReason.None) return exchange.CancelOutcome;
            if (credentials is null) return Failed(exchange, RemoteResult.Refused);
        }
        var connection = upstream.TryRent(exchange, out var endpoint);
        while (true)
        {
            if (connection is null)
            {
                var opened = await upstream.OpenAsync(exchange, endpoint);
                exchange.Endpoint = opened.Endpoint ?? exchange.Endpoint;
                if (opened.Connection is null) return Count(exchange, RemoteResult.Failed, opened.Outcome);
                connection = opened.Connection;
                if (exchange.CancelReason != CancelReason.None)
                {
                    connection.Return();
                    return exchange.CancelOutcome;
                }
            }
            connection.Follow(upstream.Settings);
            connection.Lease(exchange);
            var turn = new RemoteTurn();
            try
            {
                turn = await AskAsync(exchange, sink, connection, invocation, credentials, turn);
            }
            catch
            {
                connection.Discard();
                throw;
            }
            bool isStale = upstream.EndTry(exchange, connection, turn.Outcome, turn.Status);
            if (turn.Outcome == ExchangeOutcome.Completed && !turn.IsRefused)
                return turn.IsSent ? turn.Outcome : await AnswerAsync(exchange, sink, invocation, turn);
            isStale = isStale && _retries?.TryReplace(exchange) == true;
            bool isAgain = isStale || turn.IsRefused || _retries?.TryAgain(exchange, turn.Outcome) == true;
            if (!isAgain || turn.IsSent) return Count(exchange, RemoteResult.Failed, turn.Outcome);
            invocation.Answer.Clear();
            connection = isStale ? null : upstream.TryRentOther(exchange, out endpoint);
        }
    }

    /// <summary>One request on one connection, and as much of the answer as it takes to know what it is.</summary>
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<RemoteTurn> AskAsync(
        Exchange exchange, ResponseSink sink, UpstreamConnection connection, Invocation invocation,
        SigningCredentials? credentials, RemoteTurn turn)
    {
        Tell(exchange, connection, invocation);
        var head = requests[exchange.Loop.Index].Write(
            function, function.Path, connection.Endpoint, invocation, credentials, IsQueued,
            exchange.Loop.Time.GetUtcNow());
        connection.Output.Write(head.Span);
        connection.Arm(function.TimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
        var send = connection.Output.WriteAsync(invocation.Event.Memory);
        if (!send.IsCompletedSuccessfully) await send;
        ParseStatus status;
        do
        {
            var result = await connection.Input.ReadAsync();
            status = UpstreamHeadReader.Take(
                exchange, connection, RequestMethod.Post, in result, out turn.Outcome);
        }
        while (status == ParseStatus.Incomplete);
        if (status != ParseStatus.Complete) return turn;
        turn.Status = connection.Head.StatusCode;
        turn.HasFailed = connection.Head.TryFind(connection.HeadBytes, "x-amz-function-error"u8, out _);
        if (function.Config.LogsToGateway
            && connection.Head.TryFind(connection.HeadBytes, "x-amz-log-result"u8, out var log))
            function.TellLog(log.Value(connection.HeadBytes));
        if (function.Config.IsStreaming && turn.Status == 200)
        {
            turn.IsSent = true;
            turn.Outcome = await RemoteStream.RunAsync(
                exchange, sink, connection, function, Scratch(exchange), route.Format);
            bool isGood = turn.Outcome == ExchangeOutcome.Completed;
            function.Count(exchange.Loop, isGood ? RemoteResult.Answered : RemoteResult.Failed);
            return turn;
        }
        turn.IsRefused = turn.Status >= 400 && _retries?.TryRefuse(exchange, turn.Status) == true;
        turn.Outcome = await RemoteBody.GatherAsync(connection, invocation.Answer);
        return turn;
    }

    /// <summary>The request's own span is the parent of what the function does.</summary>
    private static void Tell(Exchange exchange, UpstreamConnection connection, Invocation invocation)
    {
        var trace = exchange.Trace;
        if (!trace.IsSampled) return;
        trace.BeginTry(connection.Endpoint, exchange.Loop.NowTimestamp);
        invocation.SetTrace(trace.Id, trace.Tries[^1].SpanId, isSampled: true);
    }

    private ValueTask<ExchangeOutcome> AnswerAsync(
        Exchange exchange, ResponseSink sink, Invocation invocation, RemoteTurn turn)
    {
        switch (turn.Status)
        {
            case 202 when IsQueued:
                function.Count(exchange.Loop, RemoteResult.Answered);
                AwsReplies.Accepted.Send(exchange, sink);
                return new(ExchangeOutcome.Completed);
            case 200:
                function.Count(exchange.Loop, turn.HasFailed ? RemoteResult.FunctionError : RemoteResult.Answered);
                return FunctionAnswer.SendAsync(
                    exchange, sink, invocation.Answer, turn.HasFailed, route, Scratch(exchange), exchange.RequestId);
            case 429:
                exchange.Reply = RemoteError.Throttle(invocation.Answer.Span);
                return new(Count(exchange, RemoteResult.Throttled, ExchangeOutcome.UpstreamOverloaded));
            case 413:
                exchange.Reply = AwsReplies.TooLarge(route.Format);
                return new(Count(exchange, RemoteResult.Refused, ExchangeOutcome.RequestBodyTooLarge));
        }
        var (type, message) = RemoteError.Read(invocation.Answer.Span);
        function.TellRefused(exchange.Loop, turn.Status, type, message);
        if (turn.Status is 401 or 403) function.Credentials?.Distrust();
        return new(Failed(exchange, turn.Status < 500 ? RemoteResult.Refused : RemoteResult.Failed));
    }

    private ExchangeOutcome Failed(Exchange exchange, RemoteResult result)
    {
        exchange.Reply = AwsReplies.Failure(route.Format);
        return Count(exchange, result, ExchangeOutcome.UpstreamProtocolError);
    }

    private ExchangeOutcome Count(Exchange exchange, RemoteResult result, ExchangeOutcome outcome)
    {
        function.Count(exchange.Loop, result);
        return outcome;
    }
}
