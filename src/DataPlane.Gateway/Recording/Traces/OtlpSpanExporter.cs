using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Requests;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>
/// Makes spans with OpenTelemetry's SDK, after the fact, and exports them by OTLP. Attributes are those of the semantic
/// conventions for HTTP spans, and <c>dataplane.*</c>.
/// </summary>
internal sealed class OtlpSpanExporter : ISpanExporter
{
    private readonly ActivitySource _source = new("DataPlane.Gateway", Version);
    private readonly TimeProvider _time;
    private readonly double _utcTicksPerTick;
    private readonly CollectedSpans _spans;
    private readonly TracerProvider _provider;
    private long _anchorTimestamp;
    private long _anchorUtcTicks;

    public OtlpSpanExporter(TracingConfig config, TimeProvider time)
    {
        _time = time;
        _utcTicksPerTick = (double)TimeSpan.TicksPerSecond / time.TimestampFrequency;
        _spans = new CollectedSpans(new OtlpTraceExporter(OptionsOf(config.Exporter!)), _source);
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetSampler(new AlwaysOnSampler())
            .AddSource(_source.Name)
            .ConfigureResource(resource => resource.AddService(
                config.Service, serviceVersion: Version, serviceInstanceId: Environment.MachineName))
            .AddProcessor(_spans)
            .Build();
    }

    private static string Version => typeof(OtlpSpanExporter).Assembly.GetName().Version!.ToString(3);

    public bool Export(IReadOnlyList<SpanRecord> exchanges)
    {
        _anchorTimestamp = _time.GetTimestamp();
        _anchorUtcTicks = _time.GetUtcNow().Ticks;
        foreach (var exchange in exchanges)
        {
            AddServer(exchange);
            for (int each = 0; each < exchange.Tries.Length; each++) AddClient(exchange, each);
        }
        return _spans.Send();
    }

    public void Dispose()
    {
        _provider.Dispose();
        _source.Dispose();
    }

    private static OtlpExporterOptions OptionsOf(SpanExporterConfig config)
    {
        bool needsPath = !config.IsGrpc && config.Otlp.AbsolutePath == "/";
        return new OtlpExporterOptions
        {
            // Only an address from the environment gets its path from the exporter.
            Endpoint = needsPath ? new Uri(config.Otlp, "/v1/traces") : config.Otlp,
            Protocol = config.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            Headers = string.Join(',', config.Headers.Select(each => $"{each.Key}={each.Value}")),
            TimeoutMilliseconds = (int)config.Timeout.TotalMilliseconds,
        };
    }

    private void AddServer(SpanRecord exchange)
    {
        string method = NameOf(exchange.Method);
        // An id made from the match begins with the method.
        string name = exchange.Route.StartsWith(method + " ", StringComparison.Ordinal)
            ? exchange.Route
            : $"{method} {exchange.Route}".TrimEnd();
        var span = Start(exchange, ActivityKind.Server, name, exchange.SpanId, exchange.ParentSpanId, isRemote: true);
        span.TraceStateString = exchange.TraceState.Length == 0 ? null : exchange.TraceState;
        span.SetTag("http.request.method", method);
        span.SetTag("url.scheme", "http");
        span.SetTag("url.path", exchange.Path);
        Tag(span, "http.route", exchange.Route);
        Tag(span, "dataplane.route", exchange.Route);
        Tag(span, "server.address", exchange.Host);
        if (exchange.Port != 0) span.SetTag("server.port", exchange.Port);
        Tag(span, "client.address", exchange.Client);
        Tag(span, "user_agent.original", exchange.UserAgent);
        Tag(span, "dataplane.request_id", exchange.RequestId);
        var outcome = ErrorTable.Of(exchange.Outcome);
        span.SetTag("dataplane.outcome", outcome.Label);
        bool isOurs = outcome.Side is FaultSide.Upstream or FaultSide.Gateway;
        Finish(span, exchange, exchange.StatusCode, isOurs ? outcome : null, failsFrom: 500, exchange.EndTimestamp);
    }

    private void AddClient(SpanRecord exchange, int number)
    {
        var attempt = exchange.Tries[number];
        bool isLast = number == exchange.Tries.Length - 1;
        string method = NameOf(exchange.Method);
        var span = Start(exchange, ActivityKind.Client, method, attempt.SpanId, exchange.SpanId, isRemote: false);
        span.SetStartTime(TimeOf(attempt.StartTimestamp));
        span.SetTag("http.request.method", method);
        span.SetTag("dataplane.upstream", attempt.Upstream);
        if (Uri.TryCreate(attempt.Url, UriKind.Absolute, out var url))
        {
            bool isUnix = url.Host.Length == 0;
            span.SetTag("server.address", isUnix ? url.AbsolutePath : url.Host);
            if (!isUnix) span.SetTag("server.port", url.Port);
        }
        if (number > 0) span.SetTag("http.request.resend_count", number);
        // What was tried again has failed; what it said is not kept.
        var failure = ErrorTable.Of(isLast ? exchange.Outcome : ExchangeOutcome.UpstreamClosed);
        Finish(
            span, exchange, isLast ? exchange.UpstreamStatusCode : 0,
            failure.Side == FaultSide.None ? null : failure, failsFrom: 400, attempt.EndTimestamp);
    }

    private Activity Start(
        SpanRecord exchange, ActivityKind kind, string name, ulong spanId, ulong parentSpanId, bool isRemote)
    {
        var parent = new ActivityContext(
            ActivityTraceId.CreateFromString(exchange.TraceId),
            parentSpanId == 0 ? default : ActivitySpanId.CreateFromString(Hex(parentSpanId)),
            ActivityTraceFlags.Recorded,
            traceState: null,
            isRemote);
        // Never null: the provider listens to the source and takes everything.
        var span = _source.CreateActivity(name, kind, parent, idFormat: ActivityIdFormat.W3C)!;
        span.SetStartTime(TimeOf(exchange.StartTimestamp));
        span.Start();
        SpanIdOf(span) = Hex(spanId);
        return span;
    }

    private void Finish(
        Activity span, SpanRecord exchange, int status, ErrorEntry? failure, int failsFrom, long endTimestamp)
    {
        span.SetTag("network.protocol.version", exchange.Version switch { 10 => "1.0", 11 => "1.1", _ => "2" });
        if (status != 0) span.SetTag("http.response.status_code", status);
        if (failure is not null || status >= failsFrom)
        {
            span.SetTag("error.type", failure?.Label ?? status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error, failure?.Detail);
        }
        span.SetEndTime(TimeOf(endTimestamp));
        span.Stop();
    }

    private DateTime TimeOf(long timestamp) => new(
        _anchorUtcTicks + (long)((timestamp - _anchorTimestamp) * _utcTicksPerTick), DateTimeKind.Utc);

    private static string NameOf(RequestMethod method) =>
        method == RequestMethod.Other ? "_OTHER" : method.ToString().ToUpperInvariant();

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);

    private static void Tag(Activity span, string name, string value)
    {
        if (value.Length > 0) span.SetTag(name, value);
    }

    // The upstream was told the span's id long before the span is made, and Activity has no other way to take one. A
    // test sees the ids arrive at a receiver.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanIdOf(Activity span);
}
