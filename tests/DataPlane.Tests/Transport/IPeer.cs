namespace DataPlane.Tests.Transport;

/// <summary>The other end of a tested connection, driven from a test's thread.</summary>
internal interface IPeer : IAsyncDisposable
{
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>0 at the end of input. Throws IOException when the connection was reset.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    void ShutdownSend();

    void Reset();
}
