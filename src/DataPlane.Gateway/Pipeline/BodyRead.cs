namespace DataPlane.Gateway.Pipeline;

/// <summary>One run of body bytes, or why there are no more.</summary>
public readonly record struct BodyRead(BodyStatus Status, ReadOnlyMemory<byte> Bytes, bool IsLast);
