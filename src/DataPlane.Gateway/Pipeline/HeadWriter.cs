using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Writes a head into a span that is known to be large enough: the caller adds up the bound beforehand.
/// </summary>
public ref struct HeadWriter(Span<byte> destination)
{
    private readonly int _capacity = destination.Length;
    private Span<byte> _rest = destination;

    public readonly int Length => _capacity - _rest.Length;

    public readonly Span<byte> Rest => _rest;

    /// <summary>Inlined, so that copying a literal becomes a few moves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(scoped ReadOnlySpan<byte> bytes)
    {
        var rest = _rest;
        // Before the copy, which needs no second check then, and behind which nothing has to be kept.
        _rest = rest[bytes.Length..];
        bytes.CopyTo(rest);
    }

    public void Put(byte value)
    {
        var rest = _rest;
        _rest = rest[1..];
        rest[0] = value;
    }

    public void PutNumber(long number)
    {
        Utf8Formatter.TryFormat(number, _rest, out int written);
        _rest = _rest[written..];
    }

    /// <summary>Counts bytes that were written straight into <see cref="Rest"/>.</summary>
    public void Advance(int written) => _rest = _rest[written..];
}
