using DataPlane.Gateway.Upstreams;
using DataPlane.Http.Bodies;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Integrations.Http;

/// <summary>Takes the runs of a response body out of what a connection holds. A mutable value of one relay.</summary>
public struct UpstreamBody
{
    private readonly BodyFraming _framing;
    private ChunkedDecoder _chunks;

    /// <summary>Trailers go into <paramref name="trailers"/>; null drops them.</summary>
    public UpstreamBody(UpstreamConnection connection, TrailerFields? trailers)
    {
        var head = connection.Head;
        _framing = head.Framing;
        LengthLeft = _framing == BodyFraming.Length ? head.ContentLength : 0;
        if (_framing == BodyFraming.Chunked)
        {
            _chunks = new ChunkedDecoder(
                TrailerFields.MaxBytes, TrailerFields.MaxFields, Limits.ChunkExtensionBytes, trailers: trailers);
        }
        HasEnded = _framing == BodyFraming.None || (_framing == BodyFraming.Length && LengthLeft == 0);
    }

    /// <summary>Bytes still to come of a body whose length is known.</summary>
    public long LengthLeft { get; private set; }

    public bool HasEnded { get; private set; }

    /// <summary>The chunked framing is broken.</summary>
    public bool HasFailed { get; private set; }

    public readonly bool EndsWithConnection => _framing == BodyFraming.UntilClose;

    /// <summary>Counts bytes that were moved past us.</summary>
    public void Count(long moved)
    {
        LengthLeft -= moved;
        HasEnded = LengthLeft == 0;
    }

    /// <summary>The next run of the held bytes, consumed from them. False when there is none.</summary>
    public bool TryTake(UpstreamConnection connection, out ReadOnlyMemory<byte> run)
    {
        run = default;
        while (!HasEnded && !HasFailed && connection.TryFirstHeld(out var memory))
        {
            if (_framing == BodyFraming.Chunked)
            {
                var status = _chunks.Read(memory.Span, out int consumed, out var data);
                connection.Held = connection.Held.Slice(consumed);
                HasEnded = status == ChunkStatus.End;
                HasFailed = status == ChunkStatus.Invalid;
                if (status != ChunkStatus.Data) continue;
                run = memory.Slice(data.Start, data.Length);
                return true;
            }
            int length = EndsWithConnection ? memory.Length : (int)Math.Min(memory.Length, LengthLeft);
            connection.Held = connection.Held.Slice(length);
            if (!EndsWithConnection) Count(length);
            run = memory[..length];
            return true;
        }
        return false;
    }
}
