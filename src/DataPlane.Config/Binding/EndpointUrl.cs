using System.Globalization;
using System.Net;
using System.Text;

namespace DataPlane.Config.Binding;

/// <summary>
/// Reads <c>http://host:port</c>, <c>http+unix:///path</c> and <c>srv+http://name</c>: the ways to reach an endpoint.
/// Each may have <c>https</c> in it instead, for TLS.
/// </summary>
internal static class EndpointUrl
{
    private const string Http = "http://";
    private const string Unix = "http+unix://";
    private const string Service = "srv+http://";
    private const string Https = "https://";
    private const string HttpsUnix = "https+unix://";
    private const string HttpsService = "srv+https://";
    private const int StandardPort = 80;
    private const int StandardTlsPort = 443;

    /// <summary>Null, and what is wrong, when the text is not such a URL.</summary>
    public static EndpointConfig? Parse(string url, out Problem problem)
    {
        problem = new Problem("", "");
        bool isTls = IsTls(url, out string plain);
        if (Read(url, plain, isTls, ref problem) is { } endpoint) return endpoint with { IsTls = isTls };
        if (problem.Message.Length > 0) return null;
        problem = new Problem(
            $"{Reading.ScalarNode.Quote(url)} is not an endpoint", "write http://host:port or http+unix:///path");
        return null;
    }

    /// <summary>The URL as it would be without TLS; false when it is without.</summary>
    private static bool IsTls(string url, out string plain)
    {
        plain = url;
        if (url.StartsWith(Https, StringComparison.Ordinal)) plain = Http + url[Https.Length..];
        else if (url.StartsWith(HttpsUnix, StringComparison.Ordinal)) plain = Unix + url[HttpsUnix.Length..];
        else if (url.StartsWith(HttpsService, StringComparison.Ordinal)) plain = Service + url[HttpsService.Length..];
        return !ReferenceEquals(plain, url);
    }

    private static EndpointConfig? Read(string url, string plain, bool isTls, ref Problem problem)
    {
        if (plain.StartsWith(Unix, StringComparison.Ordinal)) return ParseUnix(url, plain[Unix.Length..], ref problem);
        if (plain.StartsWith(Service, StringComparison.Ordinal))
            return ParseService(url, plain[Service.Length..], ref problem);
        return plain.StartsWith(Http, StringComparison.Ordinal)
            ? ParseHttp(url, plain[Http.Length..], isTls ? StandardTlsPort : StandardPort, ref problem)
            : null;
    }

    private static EndpointConfig? ParseUnix(string url, string path, ref Problem problem)
    {
        bool isGood = path.StartsWith('/') && path.AsSpan().IndexOfAny("\0?#") < 0
            && Encoding.UTF8.GetByteCount(path) <= Limits.UnixPathBytes;
        if (isGood) return new EndpointConfig { Url = url, Host = "localhost", Port = 0, UnixPath = path };
        problem = new Problem(
            $"{Reading.ScalarNode.Quote(url)} names no unix socket",
            $"write http+unix:// and an absolute path of at most {Limits.UnixPathBytes} bytes");
        return null;
    }

    private static EndpointConfig? ParseService(string url, string rest, ref Problem problem)
    {
        string name = rest.TrimEnd('/').TrimEnd('.');
        bool isGood = name.Length is > 0 and <= Limits.DomainNameLength
            && name.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(IsServiceCharacter));
        if (isGood) return new EndpointConfig { Url = url, Host = name.ToLowerInvariant(), Port = 0, IsService = true };
        problem = new Problem(
            $"{Reading.ScalarNode.Quote(url)} names no service", "write srv+http://_http._tcp.name, without a port");
        return null;
    }

    private static bool IsServiceCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private static EndpointConfig? ParseHttp(string url, string rest, int port, ref Problem problem)
    {
        string authority = rest.EndsWith('/') ? rest[..^1] : rest;
        if (authority.AsSpan().IndexOfAny("/?#@") >= 0)
        {
            problem = authority.Contains('@')
                ? new Problem("an endpoint has no user or password", "write http://host:port")
                : new Problem("an endpoint has no path or query", "write http://host:port, and the path as a rewrite");
            return null;
        }
        int colon = authority.LastIndexOf(':');
        bool hasPort = colon >= 0 && !authority.EndsWith(']');
        string host = hasPort ? authority[..colon] : authority;
        if (hasPort && (!int.TryParse(
                authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || port is 0 or > IPEndPoint.MaxPort))
        {
            problem = new Problem($"{Reading.ScalarNode.Quote(url)} has no valid port", "write a port from 1 to 65535");
            return null;
        }
        if (HostOf(host) is { } name) return new EndpointConfig { Url = url, Host = name, Port = port };
        problem = new Problem(
            $"{Reading.ScalarNode.Quote(url)} has no valid host",
            host.Contains(':') ? "write an IPv6 address in brackets" : "write a host name or an IP address");
        return null;
    }

    private static string? HostOf(string host)
    {
        if (host.StartsWith('[') && host.EndsWith(']'))
            return IPAddress.TryParse(host[1..^1], out IPAddress? v6) && host.Contains(':') ? v6.ToString() : null;
        string name = host.EndsWith('.') ? host[..^1] : host;
        return HostRules.IsName(name) ? host.ToLowerInvariant() : null;
    }
}
