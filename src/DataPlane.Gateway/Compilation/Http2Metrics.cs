using DataPlane.Gateway.Connections;
using DataPlane.Gateway.Recording;

namespace DataPlane.Gateway.Compilation;

/// <summary>What clients of HTTP/2 do that costs more than it should. One scrape at a time; 0 bytes.</summary>
public sealed class Http2Metrics(Http2Glitches glitches) : IMetricSource
{
    private static readonly Http2Glitch[] s_kinds = Enum.GetValues<Http2Glitch>();

    private static readonly byte[][] s_labels =
        Array.ConvertAll(s_kinds, each => MetricLabel.Render("kind", LabelOf(each)));

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_http2_glitches"u8, MetricKind.Counter,
            "Frames and streams of HTTP/2 clients that count against their connection's budget."u8);
        for (int each = 0; each < s_kinds.Length; each++) text.Sample(glitches.Of(s_kinds[each]), s_labels[each]);
        text.Family("dataplane_http2_calmed_connections"u8, MetricKind.Counter,
            "HTTP/2 connections that were ended because their budget was used up."u8);
        text.Sample(glitches.Calmed);
    }

    private static string LabelOf(Http2Glitch glitch) => glitch switch
    {
        Http2Glitch.ResetReceived => "reset_received",
        Http2Glitch.ResetSent => "reset_sent",
        Http2Glitch.ExcessStream => "excess_stream",
        Http2Glitch.RefusedHead => "refused_head",
        Http2Glitch.EmptyFrame => "empty_frame",
        Http2Glitch.Continuation => "continuation",
        Http2Glitch.Ping => "ping",
        Http2Glitch.Settings => "settings",
        Http2Glitch.Priority => "priority",
        Http2Glitch.WindowUpdate => "window_update",
        Http2Glitch.TableSize => "table_size",
        Http2Glitch.GoAway => "goaway",
        _ => "unknown_frame",
    };
}
