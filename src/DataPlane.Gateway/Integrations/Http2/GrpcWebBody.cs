using System.Runtime.CompilerServices;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Http.Bodies;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// A gRPC-Web request body that came as text, decoded. It may consist of several pieces, each padded for itself. What
/// is no base64 is a malformed body. Loop thread; one array per call.
/// </summary>
internal sealed class GrpcWebBody(RequestBody text) : RequestBody
{
    private const int GroupCharacters = 4;

    private readonly byte[] _group = new byte[GroupCharacters];
    private byte[] _decoded = [];
    private int _groupLength;

    public override bool IsEmpty => text.IsEmpty;

    /// <summary>Only the text's length is known.</summary>
    public override long Length => -1;

    public override bool IsTouched => text.IsTouched;

    public override TrailerFields? Trailers => null;

    [AsyncMethodBuilder(typeof(LoopValueTaskMethodBuilder<>))]
    public override async ValueTask<BodyRead> ReadAsync()
    {
        while (true)
        {
            var read = await text.ReadAsync();
            if (read.Status == BodyStatus.End && _groupLength > 0) return Malformed;
            if (read.Status != BodyStatus.Bytes) return read;
            bool isGood = TryDecode(read.Bytes.Span, out int length);
            text.Advance();
            if (!isGood || (read.IsLast && _groupLength > 0)) return Malformed;
            if (length > 0) return new BodyRead(BodyStatus.Bytes, _decoded.AsMemory(0, length), read.IsLast);
            if (read.IsLast) return new BodyRead(BodyStatus.End, default, IsLast: true);
        }
    }

    public override void Advance()
    {
        // The text was given back when it was decoded.
    }

    public override void Park() => text.Park();

    public override void CancelRead() => text.CancelRead();

    private static BodyRead Malformed => new(BodyStatus.Malformed, default, IsLast: true);

    private bool TryDecode(ReadOnlySpan<byte> characters, out int length)
    {
        length = 0;
        int most = (_groupLength + characters.Length) / GroupCharacters * 3;
        if (_decoded.Length < most) _decoded = new byte[most];
        foreach (byte character in characters)
        {
            _group[_groupLength++] = character;
            if (_groupLength < GroupCharacters) continue;
            _groupLength = 0;
            if (!GrpcWeb.TryDecode(_group, _decoded.AsSpan(length), out int decoded)) return false;
            length += decoded;
        }
        return true;
    }
}
