using System.Buffers.Text;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Writes a head into a span that is known to be large enough: the caller adds up the bound beforehand.
/// </summary>
public ref struct HeadWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Length { get; private set; }

    public readonly Span<byte> Rest => _destination[Length..];

    public void Put(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }

    public void Put(byte value) => _destination[Length++] = value;

    public void PutNumber(long number)
    {
        Utf8Formatter.TryFormat(number, _destination[Length..], out int written);
        Length += written;
    }

    /// <summary>Counts bytes that were written straight into <see cref="Rest"/>.</summary>
    public void Advance(int written) => Length += written;
}
