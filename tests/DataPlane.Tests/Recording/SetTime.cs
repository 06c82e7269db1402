namespace DataPlane.Tests.Recording;

/// <summary>A clock that stands until it is moved; its timestamps count microseconds.</summary>
internal sealed class SetTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public long Timestamp { get; set; }

    public override long TimestampFrequency => 1_000_000;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Timestamp;

    public void Advance(TimeSpan by)
    {
        Now += by;
        Timestamp += by.Ticks / TimeSpan.TicksPerMicrosecond;
    }
}
