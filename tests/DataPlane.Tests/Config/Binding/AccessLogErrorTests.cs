namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>accessLog</c>, <c>log</c> and <c>tracing</c>.</summary>
public sealed class AccessLogErrorTests
{
    [Theory]
    [InlineData("file")]
    [InlineData("file:")]
    [InlineData("/var/log/a")]
    public void UnknownTarget_ShowsTheForms(string to) => ConfigText.Fails(
        $"accessLog: {{ to: \"{to}\" }}",
        "g.yaml:1:18: accessLog.to: is not a place for the log; write stdout, stderr, file:PATH, "
            + "syslog:unix:PATH, syslog:udp://HOST:PORT or off");

    [Theory]
    [InlineData("syslog:")]
    [InlineData("syslog:tcp://127.0.0.1:514")]
    [InlineData("syslog:unix:dev/log")]
    [InlineData("syslog:udp://127.0.0.1:0")]
    [InlineData("syslog:udp://[::1")]
    [InlineData("syslog:udp://a b")]
    public void UnknownReceiver_ShowsTheForms(string to) => ConfigText.Fails(
        $"accessLog: {{ to: \"{to}\" }}",
        "g.yaml:1:18: accessLog.to: names no syslog receiver; write syslog:unix:/dev/log or "
            + "syslog:udp://127.0.0.1:514");

    [Fact]
    public void UnknownFacility_SuggestsTheNearest() => ConfigText.Fails(
        """
        accessLog: { to: "syslog:unix:/dev/log", syslog: { facility: locale7 } }
        """,
        "g.yaml:1:62: accessLog.syslog.facility: 'locale7' is not known here; did you mean 'local7'?");

    [Fact]
    public void TagWithSpaces_IsRefused() => ConfigText.Fails(
        """
        accessLog: { syslog: { tag: "a b" } }
        """,
        "g.yaml:1:29: accessLog.syslog.tag: is not a syslog tag; write 1 to 48 printable characters without spaces");

    [Fact]
    public void UnknownFormat_ShowsTheForms() => ConfigText.Fails(
        """
        accessLog: { format: xml }
        """,
        "g.yaml:1:22: accessLog.format: is not a format; write json, clf, combined, or a line with variables such as "
            + "$context.status");

    [Theory]
    [InlineData("$context.requestid", "$context.requestId")]
    [InlineData("$context.identity.sourceIP", "$context.identity.sourceIp")]
    [InlineData("$context.responseLatncy", "$context.responseLatency")]
    [InlineData("$status", "$context.status")]
    public void MisspeltVariable_SuggestsTheNearest(string written, string meant) => ConfigText.Fails(
        $"accessLog: {{ format: \"a $context.path {written} b\" }}",
        $"g.yaml:1:22: accessLog.format: unknown variable '{written}'; did you mean '{meant}'?");

    [Fact]
    public void UnknownVariable_ShowsTheForms() => ConfigText.Fails(
        """
        accessLog: { format: "$stageVariables.colour" }
        """,
        "g.yaml:1:22: accessLog.format: unknown variable '$stageVariables.colour'; write a variable of "
            + "docs/logging.md, such as $context.status, $request.header.NAME, $request.querystring.NAME or "
            + "$request.path.NAME");

    [Fact]
    public void TemplateOfTwoLines_IsRefused() => ConfigText.Fails(
        """
        accessLog: { format: "$context.path\n$context.status" }
        """,
        "g.yaml:1:22: accessLog.format: contains a control character; write one line; its end is added");

    [Fact]
    public void SampleAboveOne_IsRefused() => ConfigText.Fails(
        """
        accessLog: { sample: 2 }
        """,
        "g.yaml:1:22: accessLog.sample: '2' is out of range; write a number from 0 to 1");

    [Fact]
    public void SampleOfUnknownRoute_SuggestsTheNearest() => ConfigText.Fails(
        """
        accessLog: { sample: { routes: { get-usr: 0.5 }, errors: 2 } }
        routes: [ { id: get-user, match: { path: /u }, to: { mock: { status: 204 } } } ]
        """,
        "g.yaml:1:34: accessLog.sample.routes.get-usr: unknown route 'get-usr'; did you mean 'get-user'?",
        "g.yaml:1:58: accessLog.sample.errors: '2' is out of range; write a number from 0 to 1");

    [Fact]
    public void RedactedNameWithASpace_IsRefused() => ConfigText.Fails(
        """
        accessLog: { redact: { query: [ "a b" ] } }
        """,
        "g.yaml:1:33: accessLog.redact.query[0]: 'a b' is not a name; write one name");

    [Fact]
    public void UnknownLevel_ShowsThoseThereAre() => ConfigText.Fails(
        """
        log: { level: warn, format: json }
        """,
        "g.yaml:1:15: log.level: 'warn' is not known here; write one of: debug, info, warning, error");

    [Fact]
    public void WrongTracing_IsToldAtOnce() => ConfigText.Fails(
        """
        tracing:
          sample: 101%
          propagation: [b3]
          exporter: { otlp: "localhost:4318", headers: { "a b": x } }
        """,
        "g.yaml:2:11: tracing.sample: is not a share; write a number from 0 to 1, or a percentage such as 1%",
        "g.yaml:3:17: tracing.propagation[0]: 'b3' is not known here; write one of: w3c, xray",
        "g.yaml:4:21: tracing.exporter.otlp: 'localhost:4318' is not a URL; write http://host:port/path or "
            + "https://...",
        "g.yaml:4:50: tracing.exporter.headers['a b']: 'a b' is not a header name; use letters, digits and '-' only");

    [Fact]
    public void ExporterWithoutAddress_IsRefused() => ConfigText.Fails(
        """
        tracing: { exporter: { protocol: grpc } }
        """,
        "g.yaml:1:22: tracing.exporter.otlp: is required; add 'otlp: ...'");
}
