using DataPlane.Config;

namespace DataPlane.Tests.Config.Binding;

/// <summary>What <c>accessLog</c>, <c>log</c> and <c>tracing</c> mean.</summary>
public sealed class AccessLogTests
{
    [Theory]
    [InlineData("stderr", AccessLogTarget.Stderr)]
    [InlineData("off", AccessLogTarget.Off)]
    public void Target_IsRead(string to, AccessLogTarget target) =>
        Assert.Equal(target, ConfigText.Config($"accessLog: {{ to: \"{to}\" }}").AccessLog.Target);

    [Theory]
    [InlineData("unix:/dev/log", "/dev/log", "", 0)]
    [InlineData("udp://127.0.0.1:5514", null, "127.0.0.1", 5514)]
    [InlineData("udp://logs.internal", null, "logs.internal", 514)]
    [InlineData("udp://[::1]:99", null, "::1", 99)]
    public void Syslog_IsRead(string receiver, string? path, string host, int port)
    {
        string yaml = $$"""accessLog: { to: "syslog:{{receiver}}", syslog: { facility: daemon, tag: edge } }""";
        Assert.Equal(
            new SyslogConfig { UnixPath = path, Host = host, Port = port, Facility = 3, Tag = "edge" },
            ConfigText.Config(yaml).AccessLog.Syslog);
    }

    [Fact]
    public void Sampling_IsRead()
    {
        var sample = ConfigText.Config(
            """
            accessLog: { sample: { default: 0.1, clientErrors: 0.5, routes: { a: 0.25 } } }
            routes: [ { id: a, match: { path: /u }, to: { mock: { status: 204 } } } ]
            """).AccessLog.Sample;
        Assert.Equal((0.1, 1.0, 0.5), (sample.Default, sample.Errors, sample.ClientErrors));
        Assert.Equal([new RouteShare("a", 0.25)], sample.Routes.ToArray());
    }

    [Fact]
    public void Template_IsPartsAndText()
    {
        var template = ConfigText.Config(
            """
            accessLog: { format: "$context.status. $request.header.X-A-b $5 $request.path.id" }
            """).AccessLog.Template!;
        Assert.Equal(
        [
            new(LogVariable.Status, ""), new(LogVariable.Literal, ". "), new(LogVariable.Header, "X-A-b"),
            new(LogVariable.Literal, " $5 "), new(LogVariable.Capture, "id"),
        ],
            template.Parts.ToArray());
    }

    [Fact]
    public void Tracing_IsRead()
    {
        var tracing = ConfigText.Config(
            """
            tracing:
              sample: 2.5%
              parent: ignore
              propagation: [xray]
              service: edge
              exporter: { otlp: "http://127.0.0.1:4318", protocol: grpc, headers: { X-Key: "${SECRET}" }, timeout: 3s }
            """).Tracing;
        Assert.Equal((0.025, false, false, true, "edge"), (
            tracing.Sample, tracing.FollowsParent, tracing.W3C, tracing.XRay, tracing.Service));
        Assert.Equal("http://127.0.0.1:4318/", tracing.Exporter!.Otlp.AbsoluteUri);
        Assert.True(tracing.Exporter.IsGrpc);
        Assert.Equal(TimeSpan.FromSeconds(3), tracing.Exporter.Timeout);
        Assert.Equal([new("X-Key", ConfigText.Secret)], tracing.Exporter.Headers.ToArray());
    }

    [Fact]
    public void NothingWritten_IsTheRecordsDefaults()
    {
        var config = ConfigText.Config("");
        Assert.Equal(new TracingConfig(), config.Tracing);
        Assert.Equal(new LogConfig(), config.Log);
    }
}
