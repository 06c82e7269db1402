using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http;
using DataPlane.Http.Requests;

namespace DataPlane.Tests.Recording.Traces;

/// <summary>Which contexts are continued, who decides, and what is passed on.</summary>
public sealed class ExchangeTraceTests
{
    private const string W3C = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";
    private const string Root = "1-5759e988-bd862e3fe1be46a994272793";

    private static readonly SpanExporterConfig s_exporter = new() { Otlp = new Uri("http://127.0.0.1:4318") };
    private static readonly TracingConfig s_all = new() { Sample = 1, XRay = true, Exporter = s_exporter };
    private static readonly TracingConfig s_none = s_all with { Sample = 0 };

    [Theory]
    [InlineData("01", 0, true)]
    [InlineData("00", 1, false)]
    [InlineData("03", 0, true)]
    public void Caller_Decides(string flags, double sample, bool isSampled) =>
        Assert.Equal(isSampled, Begin(W3C + flags, s_all with { Sample = sample }).IsSampled);

    [Theory]
    [InlineData("01", 0, false)]
    [InlineData("00", 1, true)]
    public void CallerIgnored_IsDrawnAllTheSame(string flags, double sample, bool isSampled)
    {
        var trace = Begin(W3C + flags, s_all with { Sample = sample, FollowsParent = false });
        Assert.Equal(isSampled, trace.IsSampled);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", Encoding.ASCII.GetString(trace.Id));
    }

    [Fact]
    public void SampledExchange_HasItsOwnSpanBelowTheCallers()
    {
        var trace = Begin(W3C + "01", s_none);
        Assert.Equal(0xb7ad6b7169203331, trace.ParentSpanId);
        Assert.NotEqual(trace.ParentSpanId, trace.SpanId);
        Assert.Equal(
            $"00-0af7651916cd43dd8448eb211c80319c-{trace.SpanId:x16}-01", Encoding.ASCII.GetString(trace.Parent));
    }

    [Fact]
    public void ShareOfNewTraces_IsDrawn()
    {
        const int Traces = 20_000;
        int sampled = 0;
        for (int each = 0; each < Traces; each++) sampled += Begin("", s_all with { Sample = 0.25 }).IsSampled ? 1 : 0;
        Assert.InRange((double)sampled / Traces, 0.23, 0.27);
    }

    [Fact]
    public void NoTracing_PassesTheCallersContextOn()
    {
        var trace = Begin(W3C + "01", tracing: null);
        Assert.False(trace.IsSampled);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Encoding.ASCII.GetString(trace.Parent));
    }

    [Theory]
    [InlineData($"Root={Root};Parent=53995c3f42cd8ad8;Sampled=1", true)]
    [InlineData($"Sampled=1; Parent=53995c3f42cd8ad8; Root={Root}", true)]
    [InlineData($"Root={Root};Parent=53995c3f42cd8ad8;Sampled=0", false)]
    [InlineData($"Root={Root};Parent=53995c3f42cd8ad8;Sampled=?", false)]
    public void XRay_IsContinued(string value, bool isSampled)
    {
        var trace = Begin($"X-Amzn-Trace-Id: {value}", s_none);
        Assert.Equal("5759e988bd862e3fe1be46a994272793", Encoding.ASCII.GetString(trace.Id));
        Assert.Equal(isSampled, trace.IsSampled);
        Assert.False(trace.ContinuesTrace);
        if (isSampled) Assert.Equal(0x53995c3f42cd8ad8UL, trace.ParentSpanId);
        else Assert.Equal($"Root={Root};Parent=53995c3f42cd8ad8;Sampled=0", XRayOf(trace));
    }

    [Fact]
    public void XRayWithoutParent_IsTheRootOfItsTrace()
    {
        var trace = Begin($"X-Amzn-Trace-Id: Root={Root}", s_all);
        Assert.True(trace.IsSampled);
        Assert.Equal(0UL, trace.ParentSpanId);
        Assert.Equal($"Root={Root};Parent={trace.SpanId:x16};Sampled=1", XRayOf(trace));
    }

    [Fact]
    public void OnlyPassedOn_NobodyHasDecided()
    {
        var trace = Begin(
            $"X-Amzn-Trace-Id: Root={Root};Parent=53995c3f42cd8ad8", new TracingConfig { XRay = true, Sample = 1 });
        Assert.False(trace.IsSampled);
        Assert.Equal($"Root={Root};Parent=53995c3f42cd8ad8", XRayOf(trace));
    }

    [Theory]
    [InlineData("Root=2-5759e988-bd862e3fe1be46a994272793;Sampled=1")]
    [InlineData("Root=1-5759E988-bd862e3fe1be46a994272793;Sampled=1")]
    [InlineData("Root=1-5759e988-bd862e3fe1be46a99427279;Sampled=1")]
    [InlineData("Root=1-00000000-000000000000000000000000;Sampled=1")]
    [InlineData("Sampled=1")]
    [InlineData(";;=;Root=")]
    public void MalformedXRay_StartsATraceThatIsDrawn(string value)
    {
        var trace = Begin($"X-Amzn-Trace-Id: {value}", s_none);
        Assert.False(trace.IsSampled);
        Assert.NotEqual("5759e988bd862e3fe1be46a994272793", Encoding.ASCII.GetString(trace.Id));
        Assert.Equal(32, trace.Id.Length);
    }

    [Fact]
    public void MalformedParent_IsNone()
    {
        var trace = Begin($"X-Amzn-Trace-Id: Root={Root};Parent=0000000000000000;Sampled=1", s_none);
        Assert.True(trace.IsSampled);
        Assert.Equal(0UL, trace.ParentSpanId);
    }

    [Fact]
    public void W3C_WinsOverXRay() => Assert.Equal(
        "0af7651916cd43dd8448eb211c80319c",
        Encoding.ASCII.GetString(Begin($"{W3C}00\r\nX-Amzn-Trace-Id: Root={Root};Sampled=1", s_all).Id));

    [Fact]
    public void Reset_LeavesNothing()
    {
        var trace = Begin(W3C + "01", s_all);
        trace.BeginTry(null!, 1);
        trace.Reset();
        Assert.False(trace.IsSampled);
        Assert.Equal(0, trace.Id.Length + trace.Parent.Length + trace.Tries.Length);
    }

    [Fact]
    public void ManyTries_AreBounded()
    {
        var trace = Begin(W3C + "01", s_all);
        for (int each = 1; each <= 100; each++) trace.BeginTry(null!, each);
        Assert.Equal(ExchangeTrace.MaxTries, trace.Tries.Length);
        Assert.Equal(2, trace.Tries[0].EndTimestamp);
        Assert.Equal(
            trace.Tries.Length, trace.Tries.ToArray().Select(each => each.SpanId).Distinct().Count());
    }

    private static ExchangeTrace Begin(string field, TracingConfig? tracing)
    {
        byte[] head = Encoding.ASCII.GetBytes(
            $"GET / HTTP/1.1\r\nHost: x\r\n{(field.Length == 0 ? "" : field + "\r\n")}\r\n");
        var request = new RequestHead();
        Assert.Equal(ParseStatus.Complete, RequestHeadParser.Parse(head, request, HeadLimits.Default));
        var trace = new ExchangeTrace(new RandomIds());
        trace.Begin(request, head, w3c: true, tracing is null ? null : TraceSettings.Of(tracing));
        return trace;
    }

    private static string XRayOf(ExchangeTrace trace)
    {
        byte[] space = new byte[128];
        var writer = new HeadWriter(space);
        trace.WriteXRay(ref writer);
        return Encoding.ASCII.GetString(space, 0, writer.Length);
    }
}
