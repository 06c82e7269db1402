using System.Globalization;

namespace DataPlane.Tests.Recording.Traces;

/// <summary>A span as it arrived: opentelemetry/proto/trace/v1/trace.proto.</summary>
internal sealed class ReceivedSpan
{
    public const int Server = 2;
    public const int Client = 3;

    public ReceivedSpan(WireMessage span, string service)
    {
        Service = service;
        TraceId = span.Hex(1);
        SpanId = span.Hex(2);
        TraceState = span.Text(3);
        ParentSpanId = span.Hex(4);
        Name = span.Text(5);
        Kind = (int)span.Number(6);
        Start = TimeOf(span.Number(7));
        End = TimeOf(span.Number(8));
        Attributes = span.Messages(9).ToDictionary(each => each.Text(1), ValueOf, StringComparer.Ordinal);
        Status = span.Has(15) ? (int)span.Message(15).Number(3) : 0;
    }

    public string Service { get; }

    public string TraceId { get; }

    public string SpanId { get; }

    public string ParentSpanId { get; }

    public string TraceState { get; }

    public string Name { get; }

    public int Kind { get; }

    public DateTime Start { get; }

    public DateTime End { get; }

    public Dictionary<string, string> Attributes { get; }

    /// <summary>0 unset, 1 ok, 2 error.</summary>
    public int Status { get; }

    /// <summary>All spans of an ExportTraceServiceRequest.</summary>
    public static IEnumerable<ReceivedSpan> AllOf(byte[] request) =>
        from resource in new WireMessage(request).Messages(1)
        let service = resource.Message(1).Messages(1).Where(each => each.Text(1) == "service.name").Select(ValueOf)
        from scope in resource.Messages(2)
        from span in scope.Messages(2)
        select new ReceivedSpan(span, service.Single());

    private static string ValueOf(WireMessage attribute)
    {
        var value = attribute.Message(2);
        return value.Has(3) ? value.Number(3).ToString(CultureInfo.InvariantCulture) : value.Text(1);
    }

    private static DateTime TimeOf(ulong nanoseconds) => DateTime.UnixEpoch.AddTicks((long)(nanoseconds / 100));
}
