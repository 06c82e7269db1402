using DataPlane.Config;
using DataPlane.Hosting;

namespace DataPlane.Tests.Hosting;

/// <summary>Recorders are made anew when what they are made from says something else, and only then.</summary>
public sealed class RecordingConfigTests
{
    private const string Text = """
        accessLog:
          to: stdout
          format: "$context.status $context.path"
          sample: { default: 0.5, routes: { a: 0.1 } }
          redact: { query: [key], headers: [X-Key], captures: [id] }
        tracing:
          sample: 1%
          exporter: { otlp: "http://127.0.0.1:4318", headers: { Authorization: secret } }
        metrics: { buckets: [0.1, 1] }
        routes:
          - { id: a, match: { path: "/{id}" }, to: { mock: { status: 200 } } }
        """;

    [Fact]
    public void TheSameWrittenAgain_ChangesNothing() =>
        Assert.Equal((false, true, false, false), Read(Text).ChangesFrom(Read(Text)));

    [Theory]
    [InlineData("context.status", "context.host", true, false, false)]
    [InlineData("a: 0.1", "a: 0.2", true, false, false)]
    [InlineData("X-Key", "X-Token", true, true, false)]
    [InlineData("Authorization: secret", "Authorization: other", false, true, false)]
    [InlineData("127.0.0.1:4318", "127.0.0.1:4319", false, true, false)]
    [InlineData("[0.1, 1]", "[0.1, 2]", false, false, true)]
    public void WhatSaysSomethingElse_IsAChange(string from, string to, bool log, bool traces, bool metrics)
    {
        var (accessLog, isSameLog, traced, compatibility) = Read(Text.Replace(from, to)).ChangesFrom(Read(Text));
        Assert.Equal((log, true, traces, metrics), (accessLog, isSameLog, traced, compatibility));
    }

    private static RecordingConfig Read(string text)
    {
        var result = ConfigLoader.Parse(text, "g.yaml");
        Assert.Empty(result.Errors);
        return RecordingConfig.Of(result.Config!);
    }
}
