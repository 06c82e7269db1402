using System.Security.Authentication;

namespace DataPlane.Gateway.Transport.Tls;

/// <summary>
/// From what <see cref="System.Net.Security.SslStream"/> throws to a reason. The runtime passes OpenSSL's texts on and
/// nothing else, so the texts are looked at; one that is not known is <see cref="TlsFault.Other"/>.
/// </summary>
internal static class TlsFaults
{
    private static readonly string[] s_labels =
    [
        "none", "timeout", "closed", "not_tls", "version", "cipher", "protocol", "certificate", "alert", "other",
    ];

    // Looked for in this order: an alert's text names what it is about as well.
    private static readonly (string Text, TlsFault Fault)[] s_texts =
    [
        // The runtime's own words for what it has verified, in every variant.
        ("remote certificate", TlsFault.Certificate),
        ("no application protocol", TlsFault.Protocol),
        ("alert protocol version", TlsFault.Version),
        ("alert handshake failure", TlsFault.Cipher),
        (" alert ", TlsFault.Alert),
        ("unsupported protocol", TlsFault.Version),
        ("wrong version number", TlsFault.NotTls),
        ("version too low", TlsFault.Version),
        ("http request", TlsFault.NotTls),
        ("no shared cipher", TlsFault.Cipher),
        ("no suitable", TlsFault.Cipher),
        ("signature algorithm", TlsFault.Cipher),
        ("peer did not return a certificate", TlsFault.Certificate),
        ("certificate verify failed", TlsFault.Certificate),
    ];

    /// <summary>As metrics have it.</summary>
    public static string Label(TlsFault fault) => s_labels[(int)fault];

    /// <summary>What the exception's innermost text says.</summary>
    public static (TlsFault Fault, string Detail) Of(Exception exception, bool hasStarted)
    {
        var innermost = exception;
        while (innermost.InnerException is { } inner) innermost = inner;
        string text = innermost.Message;
        foreach (var (known, fault) in s_texts)
        {
            if (text.Contains(known, StringComparison.OrdinalIgnoreCase)) return (fault, text);
        }
        bool isEnd = exception is IOException && !text.Contains("frame", StringComparison.Ordinal);
        if (isEnd) return (TlsFault.Closed, text);
        return (!hasStarted ? TlsFault.NotTls : TlsFault.Other, text);
    }

    public static bool IsExpected(Exception exception) => exception
        is AuthenticationException or IOException or ObjectDisposedException or InvalidOperationException
        or NotSupportedException or System.ComponentModel.Win32Exception;
}
