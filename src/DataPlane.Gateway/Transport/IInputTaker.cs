namespace DataPlane.Gateway.Transport;

/// <summary>
/// Takes input where it was received, without the wait of a read ending: for bytes that go somewhere else at once.
/// </summary>
public interface IInputTaker
{
    /// <summary>
    /// Answers how many of the bytes, from the first on, were taken; the waiting read gets the others. May close the
    /// connection. Loop thread; the bytes are valid until it returns.
    /// </summary>
    int Take(LoopConnection connection, ReadOnlySpan<byte> bytes);
}
