namespace DataPlane.Lambda.EventStreams;

/// <summary>A message of an event stream; its bytes are the reader's until the next one is read.</summary>
internal readonly ref struct EventMessage(
    ReadOnlySpan<byte> kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> payload)
{
    /// <summary><c>event</c>, <c>exception</c> or <c>error</c>.</summary>
    public ReadOnlySpan<byte> Kind { get; } = kind;

    /// <summary>The event's type, or the exception's.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}
