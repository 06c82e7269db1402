using System.Runtime.CompilerServices;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>
/// Proxies an exchange to an endpoint of an upstream: rent or open a connection, send the request, relay the response.
/// A pooled connection that dies before the first byte of an answer is replaced once, unseen, if repeating the request
/// is safe. Immutable; loop threads; 0 bytes on a warm connection.
/// </summary>
public sealed class HttpIntegration(Upstream upstream, CompiledTemplate? rewrite, TimeProvider time) : IIntegration
{
    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public async ValueTask<ExchangeOutcome> InvokeAsync(Exchange exchange, ResponseSink sink)
    {
        exchange.UpstreamStartTimestamp = time.GetTimestamp();
        int silentRetries = upstream.Settings.SilentRetries;
        var connection = upstream.TryRent(exchange.Loop, out int endpoint);
        ExchangeOutcome outcome;
        while (true)
        {
            if (connection is null)
            {
                var opened = await OpenAsync(exchange, sink, endpoint);
                if (opened.Connection is null)
                {
                    outcome = opened.Outcome;
                    exchange.Endpoint = opened.Endpoint;
                    break;
                }
                connection = opened.Connection;
            }
            connection.Lease(exchange);
            bool reused = connection.IsReused;
            UpstreamRequestWriter.Write(connection.Output, exchange, connection.Endpoint, rewrite);
            try
            {
                outcome = await UpstreamExchange.RunAsync(exchange, sink, connection, time);
            }
            catch
            {
                // A defect of ours: the processor reports it, the connection must not stay leased for ever.
                connection.Discard();
                throw;
            }
            if (outcome != ExchangeOutcome.UpstreamClosed || !reused || silentRetries == 0 || !MayRepeat(exchange)) break;
            silentRetries--;
            // Its pool neighbours are likely to be just as stale: open a new one.
            connection = null;
        }
        return outcome;
    }

    /// <summary>RFC 9110 9.2.2: only what is idempotent, and only while the body is still whole.</summary>
    private static bool MayRepeat(Exchange exchange) =>
        exchange.FirstByteTicks == 0
        && !exchange.Body.IsTouched
        && exchange.CancelReason == CancelReason.None
        && exchange.Request.Method is RequestMethod.Get or RequestMethod.Head or RequestMethod.Put
            or RequestMethod.Delete or RequestMethod.Options or RequestMethod.Trace or RequestMethod.Query;

    private async ValueTask<LeaseResult> OpenAsync(Exchange exchange, ResponseSink sink, int endpoint)
    {
        exchange.Body.Park();
        await sink.FlushAsync();
        long start = time.GetTimestamp();
        var opened = await upstream.OpenAsync(exchange.Loop, endpoint);
        exchange.ConnectTicks += time.GetTimestamp() - start;
        if (exchange.CancelReason == CancelReason.None || opened.Connection is null) return opened;
        opened.Connection.Return();
        return new LeaseResult(null, exchange.CancelReason switch
        {
            CancelReason.ExchangeTimeout => ExchangeOutcome.ExchangeTimeout,
            CancelReason.Draining => ExchangeOutcome.Draining,
            _ => ExchangeOutcome.ClientAborted,
        }, opened.Endpoint);
    }
}
