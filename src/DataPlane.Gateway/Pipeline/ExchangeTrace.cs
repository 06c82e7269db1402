using System.Buffers.Binary;
using System.Globalization;
using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// An exchange's place in a trace: the context passed on and, when the exchange is sampled, the ids of its spans. One
/// per exchange, reused. Loop thread; 0 bytes, but for the list of tries, which the first sampled exchange makes.
/// </summary>
public sealed class ExchangeTrace
{
    /// <summary>Tries that get a span: as many as the configuration allows, and one more.</summary>
    public const int MaxTries = 12;

    private const int ParentAt = 13; // behind "traceparent: "
    private const int IdAt = ParentAt + 3;
    private const int IdBytes = 32;
    private const int SpanAt = ParentAt + 36;
    private const int SpanBytes = 16;
    private const int FlagsAt = ParentAt + 53;
    private const int LineBytes = ParentAt + TraceParents.Bytes + 2;

    private readonly RandomIds _ids;

    // The whole line, so that it is written in one piece.
    private readonly byte[] _line = [.. "traceparent: "u8, .. new byte[TraceParents.Bytes], .. "\r\n"u8];
    private TraceTry[] _tries = [];
    private int _length;
    private int _tryCount;
    private bool _isDecided;

    internal ExchangeTrace(RandomIds ids) => _ids = ids;

    /// <summary>32 hex digits, or empty when the exchange has no trace.</summary>
    public ReadOnlySpan<byte> Id => _line.AsSpan(IdAt, _length == 0 ? 0 : IdBytes);

    /// <summary>The traceparent of the next request to the upstream.</summary>
    public ReadOnlySpan<byte> Parent => _line.AsSpan(ParentAt, _length);

    /// <summary>The client's W3C trace goes on; its tracestate is passed on with it.</summary>
    public bool ContinuesTrace { get; private set; }

    /// <summary>Spans are made of the exchange.</summary>
    public bool IsSampled { get; private set; }

    /// <summary>The exchange's own span; meaningful when sampled.</summary>
    public ulong SpanId { get; private set; }

    /// <summary>The caller's span; 0 for none.</summary>
    public ulong ParentSpanId { get; private set; }

    public ReadOnlySpan<TraceTry> Tries => _tries.AsSpan(0, _tryCount);

    /// <summary>Finds the caller's context or starts a trace, and decides. Without a head there is no trace.</summary>
    public void Begin(RequestHead request, ReadOnlySpan<byte> head, bool w3c, TraceSettings? settings)
    {
        Reset();
        if (!w3c && settings is null) return;
        _length = TraceParents.Bytes;
        bool? isSampled = null;
        bool hasParent = true;
        if (w3c && request.TryFind(KnownHeader.TraceParent, out var field) && TraceParents.IsValid(field.Value(head)))
        {
            field.Value(head).CopyTo(Text);
            ContinuesTrace = true;
            isSampled = (_line[FlagsAt + 1] & 1) != 0;
        }
        else if (settings is not { XRay: true } || !TryContinueXRay(request, head, out hasParent, out isSampled))
        {
            TraceParents.Start(Text, _ids);
            hasParent = false;
        }
        if (settings is not null) Decide(settings, hasParent, isSampled);
    }

    /// <summary>A span for the request that is about to be written; its id is the one the upstream is told.</summary>
    public void BeginTry(UpstreamEndpoint endpoint, long startTimestamp)
    {
        if (_tries.Length == 0) _tries = new TraceTry[MaxTries];
        if (_tryCount > 0) _tries[_tryCount - 1].EndTimestamp = startTimestamp;
        if (_tryCount == MaxTries) return;
        ulong id = NewSpanId();
        _tries[_tryCount++] = new TraceTry { SpanId = id, StartTimestamp = startTimestamp, Endpoint = endpoint };
        WriteHex(id);
    }

    /// <summary>The traceparent line for the upstream.</summary>
    public void WriteParent(ref HeadWriter writer)
    {
        if (_length > 0) writer.Put(_line.AsSpan(0, LineBytes));
    }

    /// <summary>The value of X-Amzn-Trace-Id for the upstream: 74 bytes at most.</summary>
    public void WriteXRay(ref HeadWriter writer)
    {
        writer.Put("Root=1-"u8);
        writer.Put(_line.AsSpan(IdAt, 8));
        writer.Put((byte)'-');
        writer.Put(_line.AsSpan(IdAt + 8, IdBytes - 8));
        writer.Put(";Parent="u8);
        writer.Put(_line.AsSpan(SpanAt, SpanBytes));
        if (!_isDecided) return;
        writer.Put((_line[FlagsAt + 1] & 1) != 0 ? ";Sampled=1"u8 : ";Sampled=0"u8);
    }

    private Span<byte> Text => _line.AsSpan(ParentAt, TraceParents.Bytes);

    public void Reset()
    {
        _length = 0;
        if (_tryCount > 0) _tries.AsSpan(0, _tryCount).Clear();
        _tryCount = 0;
        SpanId = ParentSpanId = 0;
        IsSampled = ContinuesTrace = _isDecided = false;
    }

    private void Decide(TraceSettings settings, bool hasParent, bool? isSampled)
    {
        // Who only passes contexts on leaves the decision to whoever makes spans.
        _isDecided = isSampled is not null || settings.Samples;
        bool isFollowed = isSampled is not null && settings.FollowsParent;
        IsSampled = settings.Samples && (isFollowed ? isSampled!.Value : settings.Draws(RandomHalf()));
        if (!IsSampled) return;
        ParentSpanId = hasParent ? ReadSpanId(_line.AsSpan(SpanAt, SpanBytes)) : 0;
        SpanId = NewSpanId();
        WriteHex(SpanId);
        "01"u8.CopyTo(_line.AsSpan(FlagsAt));
    }

    /// <summary>
    /// <c>Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled={0|1|?}</c> in any order, other members ignored.
    /// </summary>
    private bool TryContinueXRay(
        RequestHead request, ReadOnlySpan<byte> head, out bool hasParent, out bool? isSampled)
    {
        hasParent = false;
        isSampled = null;
        if (!request.TryFind(head, "x-amzn-trace-id"u8, out var field)) return false;
        var value = field.Value(head);
        bool hasRoot = false;
        TraceParents.Start(Text, _ids);
        foreach (var range in value.Split((byte)';'))
        {
            var member = value[range].Trim((byte)' ');
            if (member.StartsWith("Root="u8)) hasRoot = TryTakeRoot(member[5..]);
            else if (member.StartsWith("Parent="u8)) hasParent = TryTakeParent(member[7..]);
            else if (member.SequenceEqual("Sampled=1"u8)) isSampled = true;
            else if (member.SequenceEqual("Sampled=0"u8)) isSampled = false;
        }
        // What is said about a trace that cannot be told is said about nothing.
        if (!hasRoot) isSampled = null;
        else if (isSampled == true) _line[FlagsAt + 1] = (byte)'1';
        return hasRoot;
    }

    private bool TryTakeRoot(ReadOnlySpan<byte> root)
    {
        if (root.Length != 35 || !root.StartsWith("1-"u8) || root[10] != '-') return false;
        var id = _line.AsSpan(IdAt, IdBytes);
        root[2..10].CopyTo(id);
        root[11..].CopyTo(id[8..]);
        return TraceParents.IsValid(Text);
    }

    private bool TryTakeParent(ReadOnlySpan<byte> parent)
    {
        if (parent.Length != SpanBytes || !TraceParents.IsSpanId(parent)) return false;
        parent.CopyTo(_line.AsSpan(SpanAt));
        return true;
    }

    private ulong RandomHalf() => ReadSpanId(_line.AsSpan(IdAt + 16, 16));

    private static ulong ReadSpanId(ReadOnlySpan<byte> hex) =>
        ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong id) ? id : 0;

    private static ulong NewSpanId() => (ulong)Random.Shared.NextInt64() | 1UL << 63;

    private void WriteHex(ulong spanId)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, spanId);
        Convert.TryToHexStringLower(bytes, _line.AsSpan(SpanAt), out _);
    }
}
