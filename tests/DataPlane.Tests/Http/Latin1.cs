using System.Text;

namespace DataPlane.Tests.Http;

/// <summary>Bytes as text and back, one character a byte: tables of heads stay readable with obs-text in
/// them.</summary>
internal static class Latin1
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
