using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlane.Admin;

/// <summary>
/// Who may use the admin listener. With a token: who brings it. Without: this machine, and from a browser only pages
/// of the listener itself, because any web page can send requests to 127.0.0.1, under a name of its own that resolves
/// there (DNS rebinding) or across origins.
/// </summary>
internal sealed class AdminAccess
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _tokenHash;
    private readonly string? _host;

    public AdminAccess(AdminOptions options)
    {
        _tokenHash = string.IsNullOrEmpty(options.Token) ? null : Hash(options.Token);
        _host = Bracketed(options.Host);
    }

    /// <summary>A request must bring a token.</summary>
    public bool HasToken => _tokenHash is not null;

    /// <summary>
    /// Null when the request may go on. <paramref name="anyHost"/> is for the scrape: tools of this machine call it by
    /// names of their own, and a page that got hold of it would learn counters, not configuration.
    /// </summary>
    public AdminProblem? Check(HttpContext context, bool anyHost = false) =>
        _tokenHash is null ? CheckLocal(context, anyHost) : CheckToken(context.Request);

    private static AdminProblem Refuse(int status, string title, string detail) =>
        new("about:blank", title, status, detail);

    /// <summary>Hashes have one length, so comparing them in constant time tells nothing about the token's.</summary>
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>An IPv6 address as the Host field writes it (RFC 3986 3.2.2).</summary>
    private static string? Bracketed(string? host) =>
        host?.Contains(':', StringComparison.Ordinal) == true && host[0] != '[' ? $"[{host}]" : host;

    private static bool IsLocalPeer(IPAddress? peer) => peer is null || IPAddress.IsLoopback(peer);

    private static bool IsSameOrigin(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);

    private AdminProblem? CheckToken(HttpRequest request)
    {
        string value = request.Headers.Authorization.ToString();
        bool isRight = value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(value[Scheme.Length..].Trim()), _tokenHash);
        if (isRight) return null;
        request.HttpContext.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"dataplane admin\"";
        return Refuse(StatusCodes.Status401Unauthorized, "Unauthorized",
            "This listener needs the token of admin.token: Authorization: Bearer TOKEN.");
    }

    private AdminProblem? CheckLocal(HttpContext context, bool anyHost)
    {
        var request = context.Request;
        if (!IsLocalPeer(context.Connection.RemoteIpAddress))
        {
            return Refuse(StatusCodes.Status403Forbidden, "Forbidden",
                "Without admin.token only this machine may use the admin listener.");
        }
        if (!anyHost && !IsKnownHost(request.Host.Host))
        {
            return Refuse(StatusCodes.Status403Forbidden, "Forbidden",
                "Without admin.token the Host must be localhost, 127.0.0.1, [::1] or the configured address.");
        }
        string origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || IsSameOrigin(request, origin)) return null;
        return Refuse(StatusCodes.Status403Forbidden, "Forbidden", "Another site's page may not use this listener.");
    }

    private bool IsKnownHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host is "127.0.0.1" or "[::1]"
        || (host.Length > 0 && string.Equals(host, _host, StringComparison.OrdinalIgnoreCase));
}
