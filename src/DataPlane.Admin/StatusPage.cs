using System.Security.Cryptography;
using System.Text;

namespace DataPlane.Admin;

/// <summary>
/// The page at <c>/</c>: one embedded file, the same for everybody and without a secret. What it shows, its script asks
/// the other endpoints for, with the token the operator typed in. Its policy lets run exactly the script and the style
/// it has, by their hashes, and nothing come from elsewhere.
/// </summary>
internal static class StatusPage
{
    private static readonly string s_text = Read();

    public static ReadOnlyMemory<byte> Utf8 { get; } = Encoding.UTF8.GetBytes(s_text);

    /// <summary>Content-Security-Policy.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; script-src '{HashOf("script")}'; style-src '{HashOf("style")}'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static string Read()
    {
        using var stream = typeof(StatusPage).Assembly.GetManifestResourceStream("DataPlane.Admin.status.html")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Of the text between an element's tags, as CSP level 3 wants it.</summary>
    private static string HashOf(string element)
    {
        int start = s_text.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        int end = s_text.IndexOf($"</{element}>", start, StringComparison.Ordinal);
        return "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(s_text[start..end])));
    }
}
