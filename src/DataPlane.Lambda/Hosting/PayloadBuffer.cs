using System.Buffers;

namespace DataPlane.Lambda.Hosting;

/// <summary>
/// Bytes of an event or an answer: grows, is used again, and its array goes back to the pool when it was a large one.
/// One user at a time; 0 bytes allocated once it has its size.
/// </summary>
public sealed class PayloadBuffer : IBufferWriter<byte>
{
    private const int FirstBytes = 4096;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public Span<byte> Span => _bytes.AsSpan(0, Length);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Length);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Forgets what follows the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Empties it; a large array goes back.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length <= LambdaLimits.KeptPayloadBytes) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    /// <summary>Room for so many more bytes.</summary>
    public void Reserve(int more)
    {
        if (_bytes.Length - Length >= more) return;
        int size = Math.Max(FirstBytes, Math.Max(_bytes.Length * 2, Length + more));
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        Buffer.BlockCopy(_bytes, 0, larger, 0, Length);
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
