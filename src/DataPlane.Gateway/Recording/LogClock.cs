using System.Runtime.CompilerServices;
using System.Text;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// Wall-clock time of a log line, worked out from the exchange's own timestamp: no clock is read per line. The rendered
/// second is kept until another second is asked for. One per loop; 0 bytes per line.
/// </summary>
internal sealed class LogClock
{
    /// <summary>Where the time starts in the beginning of a JSON line.</summary>
    private const int JsonTimeAt = 9;
    private const int MillisecondsAt = JsonTimeAt + 20;
    private const int JsonStartBytes = 34;
    private const int Rfc3339Bytes = 24;

    private static readonly byte[] s_months = Encoding.ASCII.GetBytes("JanFebMarAprMayJunJulAugSepOctNovDec");

    private readonly TimeProvider _time;
    private readonly double _utcTicksPerTick;
    private readonly long _ticksPerSecond;
    private readonly byte[] _json = Encoding.ASCII.GetBytes("{\"time\":\"0000-00-00T00:00:00.000Z\"");
    private readonly byte[] _common = Encoding.ASCII.GetBytes("00/Jan/0000:00:00:00 +0000");
    private long _anchorTimestamp;
    private long _anchorUtcTicks;
    private long _secondUtcTicks = -TimeSpan.TicksPerSecond;

    public LogClock(TimeProvider time)
    {
        _time = time;
        _ticksPerSecond = time.TimestampFrequency;
        _utcTicksPerTick = (double)TimeSpan.TicksPerSecond / _ticksPerSecond;
        Anchor();
    }

    /// <summary>RFC 3339 in UTC with milliseconds. Valid after <see cref="Set"/>, until the next.</summary>
    public ReadOnlySpan<byte> Rfc3339 => _json.AsSpan(JsonTimeAt, Rfc3339Bytes);

    /// <summary>The same time as the first member of a JSON object, brace included.</summary>
    public ReadOnlySpan<byte> JsonStart => _json.AsSpan(0, JsonStartBytes);

    /// <summary>UTC, in <see cref="DateTime"/> ticks.</summary>
    public long UtcTicks { get; private set; }

    /// <summary>As the common log format writes it, without brackets.</summary>
    public ReadOnlySpan<byte> Common => _common;

    /// <summary>Shows the time of a timestamp of the gateway's <see cref="TimeProvider"/>.</summary>
    public void Set(long timestamp)
    {
        // Once a second at most: follows a stepped or slewed wall clock that closely.
        if (timestamp - _anchorTimestamp > _ticksPerSecond) Anchor();
        double since = (timestamp - _anchorTimestamp) * _utcTicksPerTick;
        long utcTicks = _anchorUtcTicks + double.ConvertToIntegerNative<long>(since);
        UtcTicks = utcTicks;
        if ((ulong)(utcTicks - _secondUtcTicks) >= TimeSpan.TicksPerSecond) RenderSecond(utcTicks);
        // Below 10^7: 32-bit divisions by constants are multiplications.
        uint milliseconds = (uint)(utcTicks - _secondUtcTicks) / (uint)TimeSpan.TicksPerMillisecond;
        uint tens = milliseconds / 10;
        uint hundreds = tens / 10;
        ref byte digits = ref _json[MillisecondsAt];
        Unsafe.Add(ref digits, 2) = (byte)('0' + milliseconds - tens * 10);
        Unsafe.Add(ref digits, 1) = (byte)('0' + tens - hundreds * 10);
        digits = (byte)('0' + hundreds);
    }

    private static void WriteDigits(Span<byte> text, int at, int digits, int value)
    {
        for (int each = at + digits - 1; each >= at; each--)
        {
            (value, int digit) = Math.DivRem(value, 10);
            text[each] = (byte)('0' + digit);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Anchor()
    {
        _anchorTimestamp = _time.GetTimestamp();
        _anchorUtcTicks = _time.GetUtcNow().Ticks;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RenderSecond(long utcTicks)
    {
        _secondUtcTicks = utcTicks - utcTicks % TimeSpan.TicksPerSecond;
        var now = new DateTime(_secondUtcTicks, DateTimeKind.Utc);
        var rfc3339 = _json.AsSpan(JsonTimeAt);
        WriteDigits(rfc3339, 0, 4, now.Year);
        WriteDigits(rfc3339, 5, 2, now.Month);
        WriteDigits(rfc3339, 8, 2, now.Day);
        WriteDigits(_common, 0, 2, now.Day);
        s_months.AsSpan((now.Month - 1) * 3, 3).CopyTo(_common.AsSpan(3));
        WriteDigits(_common, 7, 4, now.Year);
        WriteTime(rfc3339, 11, now);
        WriteTime(_common, 12, now);
    }

    private static void WriteTime(Span<byte> text, int at, DateTime now)
    {
        WriteDigits(text, at, 2, now.Hour);
        WriteDigits(text, at + 3, 2, now.Minute);
        WriteDigits(text, at + 6, 2, now.Second);
    }
}
