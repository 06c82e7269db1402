using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using DataPlane.Gateway.Loops;
using DataPlane.Gateway.Pipeline;
using DataPlane.Gateway.Pipeline.Grpc;

namespace DataPlane.Gateway.Integrations.Http2;

/// <summary>
/// What gRPC-Web does otherwise than gRPC: content types, trailers as the last frame of the body, all of it as text if
/// the client asks so. Source: grpc/doc/PROTOCOL-WEB.md. Loop thread.
/// </summary>
internal static class GrpcWeb
{
    /// <summary>The frame's first byte: not a message, but trailers.</summary>
    private const byte TrailersFlag = 0x80;
    private const int FrameHeadBytes = 5;

    public static bool Speaks(GrpcKind kind) => kind is GrpcKind.Web or GrpcKind.WebText;

    /// <summary>The answer's type: what follows <c>application/grpc</c> stays.</summary>
    public static byte[] TypeOf(GrpcKind kind, ReadOnlySpan<byte> type)
    {
        var grpc = GrpcKinds.Type(GrpcKind.Grpc);
        bool isGrpc = type.Length >= grpc.Length && Ascii.EqualsIgnoreCase(type[..grpc.Length], grpc);
        return isGrpc ? [.. GrpcKinds.Type(kind), .. type[grpc.Length..]] : type.ToArray();
    }

    /// <summary>Four characters of base64; those of padding may end a piece anywhere in the body.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> group, Span<byte> destination, out int length) =>
        Base64.DecodeFromUtf8(group, destination, out _, out length) == OperationStatus.Done;

    /// <summary>Writes a run in the form the client reads. The run is free again when the task is done.</summary>
    public static ValueTask<bool> WriteAsync(
        GrpcKind kind, ResponseSink sink, EventLoop loop, ReadOnlyMemory<byte> run) =>
        kind == GrpcKind.WebText ? WriteTextAsync(sink, loop, run) : sink.WriteAsync(run);

    /// <summary>The trailers as a frame; nothing when there are none: then the head has told the status.</summary>
    public static ValueTask<bool> WriteTrailersAsync(
        GrpcKind kind, ResponseSink sink, EventLoop loop, ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty) return new ValueTask<bool>(result: true);
        byte[] frame = new byte[FrameHeadBytes + lines.Length];
        frame[0] = TrailersFlag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), lines.Length);
        lines.CopyTo(frame.AsSpan(FrameHeadBytes));
        return WriteAsync(kind, sink, loop, frame);
    }

    private static async ValueTask<bool> WriteTextAsync(ResponseSink sink, EventLoop loop, ReadOnlyMemory<byte> run)
    {
        byte[] slab = loop.Slabs.Rent(Base64.GetMaxEncodedToUtf8Length(run.Length));
        Base64.EncodeToUtf8(run.Span, slab, out _, out int length);
        bool isSent = await sink.WriteAsync(slab.AsMemory(0, length));
        loop.Slabs.Return(slab);
        return isSent;
    }
}
