using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net;
using DataPlane.Gateway.Connections.ProxyProtocol;
using DataPlane.Gateway.Pipeline;
using DataPlane.Tests.Functional.Harness;
using DataPlane.Tests.Http;
using Microsoft.AspNetCore.Connections;

namespace DataPlane.Tests.Connections.ProxyProtocol;

/// <summary>What the step leaves to the one behind it, and when it gives up.</summary>
public sealed class ProxyHeaderStepTests : IDisposable
{
    private static readonly IPEndPoint s_balancer = new(IPAddress.Parse("10.0.0.9"), 1234);
    private readonly VirtualTime _time = new();
    private readonly Pipe _input = new();
    private readonly DefaultConnectionContext _connection = new("test");
    private readonly ProxyCounts _counts = new(new Listener(0, "public", 0));
    private bool _wasServed;

    public ProxyHeaderStepTests()
    {
        _connection.Transport = new OneWay(_input.Reader);
        _connection.RemoteEndPoint = s_balancer;
    }

    public void Dispose() => _input.Writer.Complete();

    [Fact]
    public async Task SlowHeader_IsCutOff_WhenTheTimeIsUp()
    {
        var running = Step(isRequired: true);
        await _input.Writer.WriteAsync("PROXY TCP4 192.0"u8.ToArray());
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await running.WaitAsync(Eventually.Patience);
        Assert.False(_wasServed);
        await Eventually.HoldsAsync(() => _connection.ConnectionClosed.IsCancellationRequested, "the connection's end");
        Assert.Equal(1, _counts.Of("timeout"));
    }

    [Fact]
    public async Task HeaderInTime_LeavesNoCancelledRead()
    {
        var running = Step(isRequired: true);
        await _input.Writer.WriteAsync("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\nrest"u8.ToArray());
        await running.WaitAsync(Eventually.Patience);
        _time.Advance(TimeSpan.FromMinutes(1));
        var rest = await _input.Reader.ReadAsync();
        Assert.False(rest.IsCanceled);
        Assert.Equal("rest", Latin1.Text(rest.Buffer.ToArray()));
        Assert.Equal(1, _counts.Of("v1"));
        Assert.Equal("192.0.2.7:1", _connection.RemoteEndPoint!.ToString());
        var facts = _connection.Features.Get<ConnectionFacts>()!.Proxy!;
        Assert.Equal("192.0.2.1:2", facts.Destination!.ToString());
        Assert.Equal(s_balancer, facts.Peer);
    }

    [Fact]
    public async Task StrangersHeader_IsLeftToTheNextStep_WhereItIsOptional()
    {
        _connection.RemoteEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.66"), 1);
        await _input.Writer.WriteAsync("PROXY UNKNOWN\r\n"u8.ToArray());
        await Step(isRequired: false);
        Assert.True(_wasServed);
        Assert.Equal("PROXY UNKNOWN\r\n", Latin1.Text((await _input.Reader.ReadAsync()).Buffer.ToArray()));
        Assert.Null(_connection.Features.Get<ConnectionFacts>());
    }

    [Fact]
    public async Task Stranger_IsRefused_WhereItIsRequired()
    {
        _connection.RemoteEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.66"), 1);
        await Step(isRequired: true);
        Assert.False(_wasServed);
        Assert.Equal(1, _counts.Of("untrusted"));
    }

    [Fact]
    public async Task BalancerThatLeaves_IsCounted()
    {
        await _input.Writer.WriteAsync("PROXY "u8.ToArray());
        await _input.Writer.CompleteAsync();
        await Step(isRequired: false);
        Assert.False(_wasServed);
        Assert.Equal(1, _counts.Of("closed"));
    }

    [Fact]
    public async Task Extensions_AreFacts()
    {
        string ssl = "\u0020\0\u0019\u0007\0\0\0\0" + "\u0021\0\u0007TLSv1.3" + "\u0022\0\u0007CN=fred";
        string tlvs = "\u0001\0\u0002h2" + "\u0002\0\u0007gw.test" + "\u0005\0\u0003abc" + ssl;
        string head = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0" + (char)(12 + tlvs.Length);
        await _input.Writer.WriteAsync(Latin1.Bytes(head + "\xc0\0\x02\x07\xc0\0\x02\x01\xdc\x04\x01\xbb" + tlvs));
        await Step(isRequired: true);
        var facts = _connection.Features.Get<ConnectionFacts>()!.Proxy!;
        Assert.Equal("h2", Latin1.Text(facts.Alpn));
        Assert.Equal("gw.test", Latin1.Text(facts.Authority));
        Assert.Equal("abc", Latin1.Text(facts.UniqueId));
        Assert.True(facts is { IsTls: true, HasVerifiedCertificate: true, Version: 2 });
        Assert.Equal("TLSv1.3", Latin1.Text(facts.TlsVersion));
        Assert.Equal("CN=fred", Latin1.Text(facts.TlsCommonName));
    }

    private Task Step(bool isRequired)
    {
        ImmutableArray<IPNetwork> trusted = [IPNetwork.Parse("10.0.0.0/8")];
        var step = new ProxyHeaderStep(isRequired, trusted, _counts, () => TimeSpan.FromSeconds(10), _time);
        return step.Before(_ =>
        {
            _wasServed = true;
            return Task.CompletedTask;
        })(_connection);
    }

    private sealed record OneWay(PipeReader Input) : IDuplexPipe
    {
        public PipeWriter Output { get; } = new Pipe().Writer;
    }
}
