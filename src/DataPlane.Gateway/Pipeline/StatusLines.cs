using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace DataPlane.Gateway.Pipeline;

/// <summary>Prerendered <c>HTTP/1.1 NNN Reason CRLF</c> lines. Any thread; 0 bytes.</summary>
public static class StatusLines
{
    /// <summary>Bytes in front of the reason.</summary>
    public const int ReasonAt = 13;

    private static readonly byte[][] s_lines = Build();

    public static ReadOnlySpan<byte> Of(int statusCode) => s_lines[statusCode];

    public static string Title(int statusCode) => statusCode switch
    {
        // The names of RFC 9110, which ASP.NET Core's table predates.
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        499 => "Client Closed Request",
        _ => ReasonPhrases.GetReasonPhrase(statusCode),
    };

    private static byte[][] Build()
    {
        var lines = new byte[1000][];
        for (int status = 0; status < lines.Length; status++)
        {
            lines[status] = Encoding.ASCII.GetBytes($"HTTP/1.1 {status:000} {Title(status)}\r\n");
        }
        return lines;
    }
}
