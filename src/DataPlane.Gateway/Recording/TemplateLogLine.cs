using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// The operator's own line. Values are escaped for JSON strings when the template is a JSON object, else as in the
/// common log format; what is absent is <c>-</c>, and what may not be shown <c>***</c>. A line that outgrows its space
/// is cut.
/// </summary>
internal sealed class TemplateLogLine : ILogLineFormat
{
    /// <summary>Kept free for a number, the time or the line's end.</summary>
    private const int SparedBytes = 64;

    private readonly TemplatePiece[] _pieces;
    private readonly bool _isJson;
    private readonly LogRedactor _redactor;
    private readonly byte[] _xrayId = [.. "1-"u8, .. new byte[8], (byte)'-', .. new byte[24]];
    private readonly double _msPerTick;

    public TemplateLogLine(LogTemplate template, LogRules rules, TimeProvider time)
    {
        _pieces = [.. template.Parts.Select(part => Compile(part, rules))];
        _isJson = template.IsJson;
        _redactor = new LogRedactor(rules);
        _msPerTick = 1e3 / time.TimestampFrequency;
        WantsFields = template.Parts.Any(part => part.Variable == LogVariable.UserAgent);
    }

    public bool WantsFields { get; }

    public int Write(in LogFields fields, LogClock clock, Span<byte> space)
    {
        clock.Set(fields.StartTimestamp);
        var line = new LogLine(space, SparedBytes);
        foreach (ref readonly var piece in _pieces.AsSpan())
        {
            if (line.Left <= SparedBytes) break;
            if (piece.Variable == LogVariable.Literal)
                line.Literal(piece.Bytes.AsSpan(0, Math.Min(piece.Bytes.Length, line.Left - SparedBytes)));
            else if (NumberOf(piece.Variable, fields, clock) is { } number) line.Number(number);
            else Put(ref line, TextOf(in piece, fields, clock), LimitOf(piece.Variable));
        }
        line.Byte((byte)'\n');
        return line.Length;
    }

    private static TemplatePiece Compile(LogTemplatePart part, LogRules rules)
    {
        bool isHidden = part.Variable switch
        {
            LogVariable.Header => rules.HidesField(part.Text),
            LogVariable.QueryParameter => rules.HidesParameter(Encoding.UTF8.GetBytes(part.Text)),
            LogVariable.Capture => rules.HidesCapture(part.Text),
            _ => false,
        };
        return isHidden
            ? new TemplatePiece(LogVariable.Literal, "***"u8.ToArray(), "")
            : new TemplatePiece(part.Variable, Encoding.UTF8.GetBytes(part.Text), part.Text);
    }

    private long? NumberOf(LogVariable variable, in LogFields fields, LogClock clock) => variable switch
    {
        LogVariable.Status => fields.StatusCode,
        LogVariable.BytesReceived => fields.BytesReceived,
        LogVariable.BytesSent => fields.BytesSent,
        LogVariable.Tries => fields.Tries,
        LogVariable.GrpcStatus => fields.GrpcStatus,
        LogVariable.TotalMs => Milliseconds(fields.TotalTicks),
        LogVariable.OwnMs => Milliseconds(fields.OwnTicks),
        LogVariable.TimeEpoch => (clock.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond,
        LogVariable.TimeEpochMs => (clock.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond,
        LogVariable.UpstreamMs or LogVariable.ConnectMs or LogVariable.FirstByteMs
            when fields.Exchange?.Endpoint is null => null,
        LogVariable.UpstreamMs => Milliseconds(fields.UpstreamTicks),
        LogVariable.ConnectMs => Milliseconds(fields.ConnectTicks),
        LogVariable.FirstByteMs => Milliseconds(fields.FirstByteTicks),
        // The upstream's head may be another exchange's by now; the draft's status is still this one's.
        LogVariable.UpstreamStatus => fields.Exchange?.Response is { Upstream: not null } draft
            ? draft.StatusCode
            : null,
        _ => null,
    };

    private ReadOnlySpan<byte> TextOf(in TemplatePiece piece, in LogFields fields, LogClock clock)
    {
        var exchange = fields.Exchange;
        var error = ErrorTable.Of(fields.Outcome);
        return piece.Variable switch
        {
            LogVariable.RequestId => fields.RequestId,
            LogVariable.ClientAddress => fields.ClientAddress,
            LogVariable.Method => fields.Method,
            LogVariable.Host => fields.Host,
            LogVariable.Path => fields.Path,
            LogVariable.Query => QueryOf(fields),
            LogVariable.Protocol when fields.Method.IsEmpty => default,
            LogVariable.Protocol => fields.Protocol,
            LogVariable.UserAgent => fields.UserAgent,
            LogVariable.Route => exchange?.Route is { } route ? route.IdUtf8 : default,
            LogVariable.Upstream => exchange?.Endpoint is { } endpoint ? endpoint.UpstreamNameUtf8 : default,
            LogVariable.Endpoint => exchange?.Endpoint is { } endpoint ? endpoint.AddressUtf8 : default,
            LogVariable.Cache when fields.Cache != CacheResult.None => CacheResults.Label(fields.Cache),
            LogVariable.Outcome => error.LabelUtf8,
            LogVariable.Side => FaultSides.LabelOf(error.Side),
            LogVariable.ErrorLabel => error.Side == FaultSide.None ? default : error.LabelUtf8,
            LogVariable.ErrorText => error.DetailUtf8,
            LogVariable.TraceId => fields.TraceId,
            LogVariable.XRayTraceId => XRayIdOf(fields.TraceId),
            LogVariable.Time => clock.Common,
            LogVariable.TimeRfc3339 => clock.Rfc3339,
            LogVariable.Header or LogVariable.QueryParameter or LogVariable.Capture when exchange is not null =>
                ExchangeFields.ValueOf(exchange, in piece),
            _ => exchange?.Facts is { } facts ? ConnectionTexts.Of(piece.Variable, facts) : default,
        };
    }

    /// <summary>A template that asks for the query shows it, whatever the other formats do.</summary>
    private ReadOnlySpan<byte> QueryOf(in LogFields fields)
    {
        if (!fields.Query.IsEmpty || fields.Exchange is not { } exchange) return fields.Query;
        return _redactor.Query(ExchangeFields.QueryOf(exchange));
    }

    private ReadOnlySpan<byte> XRayIdOf(ReadOnlySpan<byte> traceId)
    {
        if (traceId.IsEmpty) return default;
        traceId[..8].CopyTo(_xrayId.AsSpan(2));
        traceId[8..].CopyTo(_xrayId.AsSpan(11));
        return _xrayId;
    }

    private long Milliseconds(long ticks) => (long)(Math.Max(0, ticks) * _msPerTick);

    private static int LimitOf(LogVariable variable) => variable switch
    {
        LogVariable.Path => RecordingLimits.PathBytes,
        LogVariable.Query => RecordingLimits.QueryBytes,
        LogVariable.Endpoint => RecordingLimits.EndpointBytes,
        LogVariable.CertificateSubject or LogVariable.CertificateIssuer => RecordingLimits.ValueBytes,
        LogVariable.UserAgent => RecordingLimits.UserAgentBytes,
        LogVariable.Header or LogVariable.QueryParameter or LogVariable.Capture => RecordingLimits.ValueBytes,
        _ => RecordingLimits.NameBytes,
    };

    private void Put(ref LogLine line, scoped ReadOnlySpan<byte> value, int maxBytes)
    {
        int limit = Math.Min(maxBytes, line.Left - SparedBytes);
        if (value.IsEmpty) line.Byte((byte)'-');
        else if (_isJson) line.Json(value, limit);
        else line.Quoted(value, limit);
    }
}
