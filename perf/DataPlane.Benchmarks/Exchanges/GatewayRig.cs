using System.Buffers;
using System.Net;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Compilation;
using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Recording;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Benchmarks.Exchanges;

/// <summary>
/// The gateway from the client connection's loop to the recorders, with 100 routes, metrics and the access log, on one
/// loop whose thread is the caller's: nothing runs unless the benchmark hands bytes to a connection, and everything
/// that
/// follows from them is done when that call returns. Only the access log's writer has its own thread.
/// </summary>
internal sealed class GatewayRig : IDisposable
{
    private readonly LoopSet _loops;
    private readonly AccessLog _log;
    private readonly Http1Connection _connection;
    private readonly ConnectionShard _shard;

    // One connection after the other, whose end changes nothing in it.
    private readonly HollowConnection _visitor;

    public GatewayRig()
    {
        var time = TimeProvider.System;
        _loops = new LoopSet(1, static _ => new PortableEngine(), time);
        var read = ConfigLoader.Parse(Configuration(), "benchmark.yaml");
        Expect.Same("", string.Join('\n', read.Errors));
        var compiler = new SnapshotCompiler(
            SnapshotCompiler.BuiltInIntegrations, SnapshotCompiler.BuiltInPolicies, Connector, _loops, time);
        Snapshot = compiler.Compile(read.Config!, "{}");
        Metrics = new MetricsRecorder(1, time);
        _log = new AccessLog(LogOutput, new AccessLogConfig(), 1, time);
        _log.Start();
        IExchangeRecorder[] recorders = [Metrics, _log];
        var processor = new ExchangeProcessor(
            new SnapshotStore(Snapshot), recorders, time, NullLogger<ExchangeProcessor>.Instance);
        Client = new HollowConnection(Loop, new IPEndPoint(IPAddress.Parse("192.0.2.7"), 51234));
        _visitor = new HollowConnection(Loop, Client.RemoteEndPoint!);
        _shard = new ConnectionShard(Loop, processor);
        Address = new ClientAddress(Client.RemoteEndPoint, isTrusted: false);
        _connection = _shard.RentConnection();
        _connection.Begin(Client, Listener, Snapshot.Forwarding, Snapshot.ConnectionLimits, lot: 0);
        _ = _connection.RunAsync().AsTask();
    }

    public EventLoop Loop => _loops[0];

    public GatewaySnapshot Snapshot { get; }

    public MetricsRecorder Metrics { get; }

    public SinkingLogOutput LogOutput { get; } = new();

    public Listener Listener { get; } = new(index: 0, "public", port: 8080);

    public ClientAddress Address { get; }

    public HollowConnection Client { get; }

    public HollowConnector Connector { get; } = new();

    /// <summary>The upstream's end of the warm connection; there is never more than one.</summary>
    public HollowConnection Upstream => Connector.Last;

    /// <summary>The page a scrape would get.</summary>
    public string MetricsText()
    {
        var page = new ArrayBufferWriter<byte>();
        new MetricsPage(Metrics).Write(page, PrometheusFormat.Text);
        return Encoding.UTF8.GetString(page.WrittenSpan);
    }

    /// <summary>What a loop does between waking up and dispatching.</summary>
    public void Turn()
    {
        Loop.RefreshTime();
        Loop.Timers.Advance(Loop.NowMs);
    }

    /// <summary>A request whose answer needs nobody else. Returns the bytes sent to the client so far.</summary>
    public long Serve(byte[] request)
    {
        Turn();
        Client.Input.Receive(request);
        return Client.Output.Sent;
    }

    /// <summary>A request on a connection of its own, which its answer closes.</summary>
    public long ServeOnce(byte[] request)
    {
        Turn();
        var connection = _shard.RentConnection();
        connection.Begin(_visitor, Listener, Snapshot.Forwarding, Snapshot.ConnectionLimits, lot: 0);
        var served = connection.RunAsync();
        _visitor.Input.Receive(request);
        if (!served.IsCompleted) throw new InvalidOperationException("the connection is still open");
        served.GetAwaiter().GetResult();
        return _visitor.Output.Sent;
    }

    /// <summary>As <see cref="ServeOnce"/>, with what was sent.</summary>
    public string AnswerOnce(byte[] request) => CopyOf(_visitor.Output, () => ServeOnce(request));

    /// <summary>A request and its upstream's answer, in the pieces they arrive in: each is a turn of its own.</summary>
    public long Proxy(byte[] request, params ReadOnlySpan<byte[]> response)
    {
        Turn();
        Client.Input.Receive(request);
        foreach (var piece in response)
        {
            Turn();
            Upstream.Input.Receive(piece);
        }
        return Client.Output.Sent;
    }

    /// <summary>What <paramref name="serve"/> makes the gateway send to the client.</summary>
    public string AnswerTo(Action serve) => CopyOf(Client.Output, serve);

    /// <summary>What <paramref name="serve"/> makes the gateway send on the warm upstream connection.</summary>
    public string ForwardedBy(Action serve) => CopyOf(Upstream.Output, serve);

    public void Dispose()
    {
        // Writes what is still in the ring.
        _log.Dispose();
        _loops.Dispose();
    }

    private static string CopyOf(CountingWriter output, Action serve)
    {
        using var copy = new MemoryStream();
        output.Copy = copy;
        serve();
        output.Copy = null;
        return Encoding.ASCII.GetString(copy.ToArray());
    }

    private static string Configuration()
    {
        var text = new StringBuilder("""
            listeners: [ { name: public, address: "127.0.0.1:8080" } ]
            admin: { address: "127.0.0.1:8081" }
            upstreams:
              users:
                endpoints: [ { url: "http://127.0.0.1:9001" } ]
                maxRequests: 100000
                retries: { attempts: 2, on: [connectFailure, reset, timeout, 5xx] }
                circuitBreaker: { fallback: { body: later } }
              never-asked: { endpoints: [ { url: "http://127.0.0.1:9002" } ] }
            routes:
              - { id: mock, match: { path: /ping }, to: { mock: { status: 200, body: pong } } }
              - { id: only-get, match: { path: /only-get, methods: [GET] }, to: { mock: { body: got } } }
              - { id: moved, match: { path: "/old/{id}" }, to: { redirect: { location: "/users/{id}", status: 308 } } }
              - { id: user, match: { path: "/users/{id}" }, to: { upstream: users } }
              - id: rewritten
                match: { path: "/v1/users/{id}" }
                to: { upstream: users, rewrite: "/users/{id}" }
                headers:
                  request: { set: { X-Tenant: blue }, remove: [Cookie] }
                  response: { set: { X-Frame-Options: DENY }, remove: [Server] }

            """);
        for (var route = 5; route <= 100; route++)
            text.Append($"  - {{ match: {{ path: \"/r{route}/{{id}}\" }}, to: {{ upstream: users }} }}\n");
        return text.ToString();
    }
}
