using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using DataPlane.Gateway.Integrations.Http.Tunnels;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Explaining;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Pipeline.Tunnels;
using DataPlane.Gateway.Upstreams;
using DataPlane.Gateway.Upstreams.Admission;
using DataPlane.Gateway.Upstreams.Retries;
using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// Proxies an exchange to an endpoint of an upstream: rent or open a connection, send the request, relay the response.
/// Upload and response run side by side, so an early answer is relayed while the body is still coming. A try that fails
/// before anything went to the client may be followed by another one: see <see cref="RetryPolicy"/>. Immutable; loop
/// threads; 0 bytes on a warm connection.
/// </summary>
public sealed class HttpIntegration(Upstream upstream, CompiledTemplate? rewrite, TimeProvider time)
    : IIntegration, IExplainedTarget
{
    /// <summary>Received at once while waiting for a head: the rest of a large body is then spliced.</summary>
    private const int HeadReceiveBytes = 16 * 1024;

    private readonly RetryPolicy? _retries = upstream.Retries;
    private readonly UpstreamGate? _gate = upstream.Gate;

    public string UpstreamName => upstream.Name;

    /// <summary>The same for the upstream of this name in another generation. Cold.</summary>
    public HttpIntegration With(IReadOnlyDictionary<string, Upstream> upstreams) =>
        new(upstreams[upstream.Name], rewrite, time);

    public TargetExplanation Explain(Exchange exchange)
    {
        var endpoints = upstream.Endpoints;
        string detail = $"upstream {upstream.Name}, HTTP/1.1, {endpoints.Count} endpoints";
        if (endpoints.Count == 0) return new TargetExplanation(detail + "; none is known yet");
        return new TargetExplanation(detail, UpstreamRequestWriter.Text(exchange, endpoints[0], rewrite));
    }

    public ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        if (!exchange.Request.Has(KnownHeader.Upgrade)) return AskAsync(exchange, sink);
        if (!UpgradeHandshake.TryBegin(exchange, sink, out var refusal)) return new(refusal);
        return exchange.Upgrade is null ? AskAsync(exchange, sink) : UpgradeAsync(exchange, sink, exchange.Upgrade);
    }

    private ValueTask<ExchangeOutcome> AskAsync(Exchange exchange, ResponseSink sink)
    {
        if (_gate is not null && !_gate.TryEnter(exchange, out var refusal)) return new(refusal);
        exchange.UpstreamStartTimestamp = time.GetTimestamp();
        _retries?.CountRequest(exchange.Loop);
        return RunAsync(exchange, sink);
    }

    private async ValueTask<ExchangeOutcome> UpgradeAsync(Exchange exchange, ResponseSink sink, Upgrade upgrade)
    {
        try
        {
            return await AskAsync(exchange, sink);
        }
        finally
        {
            upgrade.Counts.Leave(upgrade.End);
        }
    }

    // One method that waits on purpose: each further one would suspend a state machine more per exchange. What it has
    // to remember of a try is with the connection, so that little is copied when it does wait.
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private async ValueTask<ExchangeOutcome> RunAsync(Exchange exchange, ResponseSink sink)
    {
        var connection = upstream.TryRent(exchange, out var endpoint);
        while (true)
        {
            if (connection is null)
            {
                var opened = await OpenAsync(exchange, sink, endpoint);
                exchange.Endpoint = opened.Endpoint ?? exchange.Endpoint;
                if (opened.Connection is null) return End(exchange, opened.Outcome);
                connection = opened.Connection;
            }
            ExchangeOutcome outcome;
            try
            {
                var sending = Send(exchange, sink, connection);
                if (!sending.IsCompletedSuccessfully) await sending;
                ParseStatus head;
                do
                {
                    var result = await connection.Input.ReadAsync();
                    head = UpstreamHeadReader.Take(exchange, connection, in result, out outcome);
                }
                while (head == ParseStatus.Incomplete);
                if (head == ParseStatus.Complete)
                {
                    if (connection.Head.StatusCode == 101) return await SwitchAsync(exchange, sink, connection);
                    connection.IsRefused = _retries is not null && Refuses(exchange, connection);
                    if (!connection.IsRefused && !ResponseRelay.TryRun(exchange, sink, connection))
                        outcome = await ResponseRelay.RunAsync(exchange, sink, connection);
                }
                if (connection.Upload is { } upload
                    && !await RequestUpload.EndAsync(exchange.Body, connection, upload))
                {
                    connection.IsClean = false;
                }
            }
            catch
            {
                EndDefect(exchange, connection);
                throw;
            }
            bool isRefused = connection.IsRefused;
            bool isStale = upstream.EndTry(exchange, connection, outcome, connection.Head.StatusCode);
            if (outcome == ExchangeOutcome.Completed && !isRefused) return End(exchange, outcome);
            isStale = isStale && MayReplace(exchange);
            if (!isStale && !isRefused && !MayTryAgain(exchange, outcome)) return End(exchange, outcome);
            // A stale connection's pool neighbours are likely to be just as stale: open a new one.
            connection = isStale ? null : upstream.TryRentOther(exchange, out endpoint);
        }
    }

    /// <summary>
    /// Leases the connection and writes the request: to be sent at the end of the turn, or with a body right now. Done
    /// at once unless a socket is full.
    /// </summary>
    private ValueTask<bool> Send(Exchange exchange, ResponseSink sink, UpstreamConnection connection)
    {
        connection.Follow(upstream.Settings);
        connection.Lease(exchange);
        UpstreamRequestWriter.Write(connection.Output, exchange, connection.Endpoint, rewrite);
        ValueTask<FlushResult> flush = default;
        if (exchange.Body.IsEmpty)
        {
            flush = connection.Transport.FlushSoonAsync();
            connection.Arm(connection.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
        }
        else
        {
            connection.Upload = RequestUpload.RunAsync(exchange.Body, connection, exchange.RequestRules);
        }
        connection.Transport.ReceiveHint = HeadReceiveBytes;
        // Replies to earlier pipelined requests must not wait for this upstream.
        var earlier = sink.FlushAsync();
        return flush.IsCompletedSuccessfully && earlier.IsCompletedSuccessfully ? earlier : WaitAsync(flush, earlier);
    }

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> WaitAsync(ValueTask<FlushResult> flush, ValueTask<bool> earlier)
    {
        await flush;
        return await earlier;
    }

    /// <summary>
    /// The upstream has agreed to leave HTTP, if it has. For health, circuit breaker and durations the exchange ends
    /// here: a tunnel may stay open for days.
    /// </summary>
    private ValueTask<ExchangeOutcome> SwitchAsync(Exchange exchange, ResponseSink sink, UpstreamConnection connection)
    {
        connection.Disarm();
        exchange.UpstreamEndTimestamp = exchange.Loop.NowTimestamp;
        bool isAnswered = UpgradeHandshake.IsAnswered(exchange, connection);
        var outcome = isAnswered ? ExchangeOutcome.Completed : ExchangeOutcome.UpstreamHandshakeFailed;
        upstream.Health.Observe(connection.Endpoint, exchange.Loop, outcome, connection.Head.StatusCode);
        End(exchange, outcome);
        if (!isAnswered)
        {
            connection.Discard();
            return new(outcome);
        }
        ResponseRelay.Begin(exchange, connection);
        return new Tunnel(exchange, sink, connection).RunAsync();
    }

    private ExchangeOutcome End(Exchange exchange, ExchangeOutcome outcome) =>
        _gate is null ? outcome : _gate.Leave(exchange, outcome);

    /// <summary>A defect of ours: the processor reports it, the connection must not stay leased for ever.</summary>
    private void EndDefect(Exchange exchange, UpstreamConnection connection)
    {
        connection.Discard();
        // Of a tunnel the end was told with its 101.
        if (exchange.Upgrade?.Tunnel is null) End(exchange, ExchangeOutcome.InternalError);
    }

    private bool MayReplace(Exchange exchange) => _retries is not null && _retries.TryReplace(exchange);

    private bool MayTryAgain(Exchange exchange, ExchangeOutcome outcome) =>
        _retries is not null && _retries.TryAgain(exchange, outcome);

    /// <summary>
    /// True when the response is dropped for another try. Its connection is kept if the whole of it has come.
    /// </summary>
    private bool Refuses(Exchange exchange, UpstreamConnection connection)
    {
        var head = connection.Head;
        if (!_retries!.TryRefuse(exchange, head.StatusCode)) return false;
        bool hasEnd = head.Framing is BodyFraming.None or BodyFraming.Length;
        long length = head.Framing == BodyFraming.None ? 0 : head.ContentLength;
        connection.IsClean = hasEnd && head.KeepAlive && connection.Held.Length == length;
        connection.Held = connection.Held.Slice(connection.Held.End);
        connection.ReleaseHeld();
        return true;
    }

    private async ValueTask<LeaseResult> OpenAsync(Exchange exchange, ResponseSink sink, UpstreamEndpoint? endpoint)
    {
        try
        {
            exchange.Body.Park();
            await sink.FlushAsync();
            long start = time.GetTimestamp();
            var opened = await upstream.OpenAsync(exchange, endpoint);
            exchange.ConnectTicks += time.GetTimestamp() - start;
            if (exchange.CancelReason == CancelReason.None || opened.Connection is null) return opened;
            opened.Connection.Return();
            return new LeaseResult(null, exchange.CancelOutcome, opened.Endpoint);
        }
        catch
        {
            End(exchange, ExchangeOutcome.InternalError);
            throw;
        }
    }
}
