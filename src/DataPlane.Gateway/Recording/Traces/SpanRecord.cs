using System.Buffers.Binary;
using System.Text;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Recording.Traces;

/// <summary>A sampled exchange, as the exporter reads it from a ring. Timestamps are in the gateway's ticks.</summary>
internal sealed class SpanRecord
{
    private int _at = sizeof(int);

    public SpanRecord(ReadOnlySpan<byte> bytes)
    {
        StartTimestamp = Number(bytes);
        EndTimestamp = Number(bytes);
        SpanId = (ulong)Number(bytes);
        ParentSpanId = (ulong)Number(bytes);
        Method = (RequestMethod)Number(bytes);
        Version = (int)Number(bytes);
        Outcome = (ExchangeOutcome)Number(bytes);
        StatusCode = (int)Number(bytes);
        UpstreamStatusCode = (int)Number(bytes);
        Port = (int)Number(bytes);
        TraceId = Text(bytes);
        Route = Text(bytes);
        Path = Text(bytes);
        Host = Text(bytes);
        Client = Text(bytes);
        UserAgent = Text(bytes);
        RequestId = Text(bytes);
        TraceState = Text(bytes);
        Tries = new SpanTry[Number(bytes)];
        for (int each = 0; each < Tries.Length; each++)
        {
            Tries[each] = new SpanTry(
                (ulong)Number(bytes), Number(bytes), Number(bytes), Text(bytes), Text(bytes));
        }
    }

    public long StartTimestamp { get; }

    public long EndTimestamp { get; }

    public ulong SpanId { get; }

    /// <summary>0 for the root of a trace.</summary>
    public ulong ParentSpanId { get; }

    public RequestMethod Method { get; }

    /// <summary>Of the client's protocol: 10, 11 or 20.</summary>
    public int Version { get; }

    public ExchangeOutcome Outcome { get; }

    /// <summary>0 when nothing was sent.</summary>
    public int StatusCode { get; }

    /// <summary>Of the last try; 0 when it did not answer.</summary>
    public int UpstreamStatusCode { get; }

    public int Port { get; }

    /// <summary>32 hex digits.</summary>
    public string TraceId { get; }

    public string Route { get; }

    public string Path { get; }

    public string Host { get; }

    public string Client { get; }

    public string UserAgent { get; }

    public string RequestId { get; }

    public string TraceState { get; }

    public SpanTry[] Tries { get; }

    /// <summary>The length of the record that begins here, itself included.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);

    private long Number(ReadOnlySpan<byte> bytes)
    {
        long value = BinaryPrimitives.ReadInt64LittleEndian(bytes[_at..]);
        _at += sizeof(long);
        return value;
    }

    private string Text(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[_at..]);
        string text = Encoding.UTF8.GetString(bytes.Slice(_at + sizeof(int), length));
        _at += sizeof(int) + length;
        return text;
    }
}
