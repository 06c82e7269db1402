using System.Text;

namespace DataPlane.Gateway.Pipeline.Grpc;

/// <summary>The grpc-message field: UTF-8, percent-encoded. Source: grpc/doc/PROTOCOL-HTTP2.md. Cold.</summary>
public static class GrpcMessage
{
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (byte each in Encoding.UTF8.GetBytes(text))
        {
            if (each is >= 0x20 and <= 0x7e and not (byte)'%') encoded.Append((char)each);
            else encoded.Append('%').Append(each.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return encoded.ToString();
    }
}
