using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace DataPlane.Http.WebSockets;

/// <summary>Sec-WebSocket-Key and what answers it (RFC 6455 4.2.2). Any thread; 0 bytes.</summary>
public static class WebSocketKey
{
    /// <summary>A key as it is sent: the base64 of 16 bytes.</summary>
    public const int KeyBytes = 24;

    /// <summary>Sec-WebSocket-Accept: the base64 of a SHA-1.</summary>
    public const int AcceptBytes = 28;

    private const int NonceBytes = 16;

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    public static bool IsValid(ReadOnlySpan<byte> key)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes + 2];
        return key.Length == KeyBytes
            && !key.ContainsAny(" \t"u8)
            && Base64.DecodeFromUtf8(key, nonce, out _, out int decoded) == System.Buffers.OperationStatus.Done
            && decoded == NonceBytes;
    }

    /// <summary>Writes a new random key.</summary>
    public static void Create(Span<byte> key)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        Base64.EncodeToUtf8(nonce, key, out _, out _);
    }

    /// <summary>Writes the <see cref="AcceptBytes"/> that a server which has seen the key answers with.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 names SHA-1; it proves reading, not secrecy.")]
    public static void Accept(ReadOnlySpan<byte> key, Span<byte> accept)
    {
        Span<byte> text = stackalloc byte[KeyBytes + 36];
        key.CopyTo(text);
        Guid.CopyTo(text[KeyBytes..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(text, hash);
        Base64.EncodeToUtf8(hash, accept, out _, out _);
    }
}
