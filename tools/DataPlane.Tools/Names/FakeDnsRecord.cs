namespace DataPlane.Tools.Names;

/// <summary>A record as it is sent: the type's number and its data.</summary>
internal sealed record FakeDnsRecord(ushort Type, int TtlSeconds, byte[] Data);
