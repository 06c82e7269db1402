namespace DataPlane.Tests.Recording.Messages;

/// <summary>A terminal nobody reads, until it is opened.</summary>
internal sealed class BlockedStream(ManualResetEventSlim open) : MemoryStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => open.Wait();

    public override void Write(byte[] buffer, int offset, int count) => open.Wait();
}
