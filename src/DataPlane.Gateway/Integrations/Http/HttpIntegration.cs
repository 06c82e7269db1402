using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// Proxies an exchange to an endpoint of an upstream: rent or open a connection, send the request, relay the response.
/// Upload and response run side by side, so an early answer is relayed while the body is still coming. A pooled
/// connection that dies before the first byte of an answer is replaced once, unseen, if repeating the request is safe.
/// Immutable; loop threads; 0 bytes on a warm connection.
/// </summary>
public sealed class HttpIntegration(Upstream upstream, CompiledTemplate? rewrite, TimeProvider time) : IIntegration
{
    /// <summary>Received at once while waiting for a head: the rest of a large body is then spliced.</summary>
    private const int HeadReceiveBytes = 16 * 1024;

    // One method on purpose: each further one that waits would suspend a state machine more per exchange.
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        exchange.UpstreamStartTimestamp = time.GetTimestamp();
        int silentRetries = upstream.Settings.SilentRetries;
        var connection = upstream.TryRent(exchange, out var endpoint);
        while (true)
        {
            if (connection is null)
            {
                var opened = await OpenAsync(exchange, sink, endpoint);
                exchange.Endpoint = opened.Endpoint;
                if (opened.Connection is null) return opened.Outcome;
                connection = opened.Connection;
            }
            connection.Lease(exchange);
            bool isReused = connection.IsReused;
            ExchangeOutcome outcome;
            try
            {
                UpstreamRequestWriter.Write(connection.Output, exchange, connection.Endpoint, rewrite);
                ValueTask<bool> upload = default;
                bool uploads = !exchange.Body.IsEmpty;
                if (uploads)
                {
                    upload = RequestUpload.RunAsync(exchange.Body, connection);
                }
                else
                {
                    var flush = connection.Transport.FlushSoonAsync();
                    connection.Arm(connection.ResponseTimeoutMs, ExchangeOutcome.UpstreamResponseTimeout);
                    if (!flush.IsCompletedSuccessfully) await flush;
                }
                // Replies to earlier pipelined requests must not wait for this upstream.
                var earlier = sink.FlushAsync();
                if (!earlier.IsCompletedSuccessfully) await earlier;

                connection.Transport.ReceiveHint = HeadReceiveBytes;
                ParseStatus head;
                do
                {
                    var result = await connection.Input.ReadAsync();
                    head = UpstreamHeadReader.Take(exchange, connection, in result, out outcome);
                }
                while (head == ParseStatus.Incomplete);

                if (head == ParseStatus.Complete && !ResponseRelay.TryRun(exchange, sink, connection))
                {
                    outcome = await ResponseRelay.RunAsync(exchange, sink, connection);
                }
                if (uploads && !await RequestUpload.EndAsync(exchange.Body, connection, upload))
                {
                    connection.IsClean = false;
                }
            }
            catch
            {
                // A defect of ours: the processor reports it, the connection must not stay leased for ever.
                connection.Discard();
                throw;
            }
            exchange.UpstreamEndTimestamp = exchange.Loop.NowTimestamp;
            // A connection that died while it was idle says nothing about its endpoint.
            bool isStale = isReused && outcome == ExchangeOutcome.UpstreamClosed;
            if (!isStale)
            {
                upstream.Health.Observe(connection.Endpoint, exchange.Loop, outcome, connection.Head.StatusCode);
            }
            if (outcome == ExchangeOutcome.Completed && connection.IsClean) connection.Return();
            else connection.Discard();
            if (!isStale || silentRetries-- == 0 || !MayRepeat(exchange)) return outcome;
            // Its pool neighbours are likely to be just as stale: open a new one.
            connection = null;
        }
    }

    /// <summary>RFC 9110 9.2.2: only what is idempotent, and only while the body is still whole.</summary>
    private static bool MayRepeat(Exchange exchange) =>
        exchange.FirstByteTicks == 0
        && !exchange.Body.IsTouched
        && exchange.CancelReason == CancelReason.None
        && exchange.Request.Method is RequestMethod.Get or RequestMethod.Head or RequestMethod.Put
            or RequestMethod.Delete or RequestMethod.Options or RequestMethod.Trace or RequestMethod.Query;

    private async ValueTask<LeaseResult> OpenAsync(Exchange exchange, ResponseSink sink, UpstreamEndpoint? endpoint)
    {
        exchange.Body.Park();
        await sink.FlushAsync();
        long start = time.GetTimestamp();
        var opened = await upstream.OpenAsync(exchange.Loop, endpoint);
        exchange.ConnectTicks += time.GetTimestamp() - start;
        if (exchange.CancelReason == CancelReason.None || opened.Connection is null) return opened;
        opened.Connection.Return();
        return new LeaseResult(null, exchange.CancelOutcome, opened.Endpoint);
    }
}
