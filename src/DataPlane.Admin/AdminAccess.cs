using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlane.Admin;

/// <summary>
/// Who may use the admin listener. With a token: who brings it. Without: this machine, or who brought a certificate
/// that the handshake has checked, and from a browser only pages of the listener itself, because any web page can send
/// requests to 127.0.0.1, under a name of its own that resolves there (DNS rebinding) or across origins.
/// </summary>
internal sealed class AdminAccess
{
    private const string Scheme = "Bearer ";

    private readonly AdminJournal _journal;
    private readonly byte[]? _tokenHash;
    private readonly string _tokenIdentity = "";
    private readonly IReadOnlyList<string> _hosts;

    public AdminAccess(AdminOptions options, AdminJournal journal)
    {
        _journal = journal;
        _hosts = options.Hosts;
        if (string.IsNullOrEmpty(options.Token)) return;
        _tokenHash = Hash(options.Token);
        _tokenIdentity = journal.IdentityOf(options.Token);
    }

    /// <summary>A request must bring a token.</summary>
    public bool HasToken => _tokenHash is not null;

    /// <summary>
    /// Null when the request may go on. <paramref name="anyHost"/> is for the scrape: tools of this machine call it by
    /// names of their own, and a page that got hold of it would learn counters, not configuration.
    /// </summary>
    public AdminProblem? Check(HttpContext context, bool anyHost = false) =>
        _tokenHash is null ? CheckLocal(context, anyHost) : CheckToken(context);

    /// <summary>Hashes have one length, so comparing them in constant time tells nothing about the token's.</summary>
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static bool IsLocalPeer(IPAddress? peer) => peer is null || IPAddress.IsLoopback(peer);

    private static bool IsSameOrigin(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);

    private AdminProblem Refuse(
        HttpContext context, AccessRefusal reason, int status, string title, string detail)
    {
        _journal.Refused(context, reason);
        return new AdminProblem("about:blank", title, status, detail);
    }

    private AdminProblem? CheckToken(HttpContext context)
    {
        var client = context.Connection.RemoteIpAddress;
        var wait = _journal.WrongTokens.WaitOf(client);
        if (wait > TimeSpan.Zero)
        {
            // Not even compared: else this would be one more try.
            context.Response.Headers[HeaderNames.RetryAfter] =
                Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Refuse(context, AccessRefusal.Attempts, StatusCodes.Status429TooManyRequests, "Too Many Requests",
                "Too many wrong tokens came from this address.");
        }
        string value = context.Request.Headers.Authorization.ToString();
        bool isRight = value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(value[Scheme.Length..].Trim()), _tokenHash);
        if (isRight)
        {
            AdminJournal.Admit(context, _tokenIdentity);
            return null;
        }
        // Somebody who brings none guesses nothing: the status page asks before it knows that there is one.
        if (value.Length > 0) _journal.WrongTokens.Add(client);
        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"dataplane admin\"";
        return Refuse(context, AccessRefusal.Token, StatusCodes.Status401Unauthorized, "Unauthorized",
            "This listener needs the token of admin.token: Authorization: Bearer TOKEN.");
    }

    private AdminProblem? CheckLocal(HttpContext context, bool anyHost)
    {
        const int status = StatusCodes.Status403Forbidden;
        const string title = "Forbidden";
        var request = context.Request;
        string? subject = context.Connection.ClientCertificate?.Subject;
        if (subject is null && !IsLocalPeer(context.Connection.RemoteIpAddress))
        {
            return Refuse(context, AccessRefusal.Address, status, title,
                "Without admin.token or a client certificate only this machine may use the admin listener.");
        }
        if (!anyHost && !IsKnownHost(request.Host.Host))
        {
            return Refuse(context, AccessRefusal.Host, status, title,
                "Without admin.token the Host must be localhost, an address, or one of admin.hosts.");
        }
        string origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !IsSameOrigin(request, origin))
        {
            return Refuse(context, AccessRefusal.Origin, status, title,
                "Another site's page may not use this listener.");
        }
        AdminJournal.Admit(context, subject ?? "no token");
        return null;
    }

    /// <summary>An address is no name that somebody else's name service could point here.</summary>
    private bool IsKnownHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out _)
        || (host.Length > 0 && _hosts.Contains(host, StringComparer.OrdinalIgnoreCase));
}
