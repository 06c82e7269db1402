using System.Globalization;
using System.Net;
using System.Text;

namespace DataPlane.Config;

/// <summary>
/// Where a listener listens: an address and port (<c>0.0.0.0:8080</c>, <c>[::]:8080</c>, <c>localhost:8080</c>, which
/// is 127.0.0.1) or a unix socket (<c>unix:/run/dataplane.sock</c>). Port 0 lets the system choose.
/// </summary>
public sealed record ListenAddress
{
    private const string UnixPrefix = "unix:";

    private ListenAddress(IPEndPoint? endPoint, string? unixPath)
    {
        EndPoint = endPoint;
        UnixPath = unixPath;
    }

    /// <summary>Null for a unix socket.</summary>
    public IPEndPoint? EndPoint { get; }

    /// <summary>Null for an address and port.</summary>
    public string? UnixPath { get; }

    /// <summary>Only this machine can connect.</summary>
    public bool IsLocal => EndPoint is null || IPAddress.IsLoopback(EndPoint.Address);

    public static ListenAddress Parse(string text) =>
        TryParse(text, out Problem problem) ?? throw new FormatException($"{problem.Message}; {problem.Fix}");

    /// <summary>Null, and what is wrong, when the text is not an address.</summary>
    public static ListenAddress? TryParse(string text, out Problem problem)
    {
        problem = new Problem(
            "is not a listen address", "write an address and port such as 127.0.0.1:8080, [::]:8080 or unix:/path");
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
            return ParseUnix(text[UnixPrefix.Length..], ref problem);
        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            problem = new Problem("has no port", $"write {(text.Length == 0 ? "127.0.0.1" : text)}:8080");
            return null;
        }
        string host = text[..colon];
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port > IPEndPoint.MaxPort)
        {
            problem = new Problem("has no valid port", "write a port from 0 to 65535 after the last ':'");
            return null;
        }
        if (ParseHost(host) is { } address) return new ListenAddress(new IPEndPoint(address, port), null);
        if (host.Length == 0) problem = new Problem("has no address", $"write 0.0.0.0:{port} to listen on all");
        else if (IPAddress.TryParse(host, out IPAddress? bare) && host.Contains(':'))
            problem = new Problem("is an IPv6 address without brackets", $"write \"[{bare}]:{port}\"");
        else if (host.Any(char.IsAsciiLetter))
            problem = new Problem("names a host", "write the address to listen on, such as 0.0.0.0 for all");
        return null;
    }

    /// <summary>
    /// Whether both cannot listen at once: the same port on the same address, or one on all of a family.
    /// </summary>
    public bool Overlaps(ListenAddress other)
    {
        if (EndPoint is not { } a || other.EndPoint is not { } b)
            return UnixPath is not null && string.Equals(UnixPath, other.UnixPath, StringComparison.Ordinal);
        if (a.Port != b.Port || a.Port == 0 || a.AddressFamily != b.AddressFamily) return false;
        return a.Address.Equals(b.Address) || IsAny(a.Address) || IsAny(b.Address);
    }

    public override string ToString() => EndPoint?.ToString() ?? UnixPrefix + UnixPath;

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress? ParseHost(string host)
    {
        if (host == "localhost") return IPAddress.Loopback;
        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (isBracketed) return IPAddress.TryParse(host[1..^1], out IPAddress? v6) && host.Contains(':') ? v6 : null;
        // Old notations such as "10.1" parse too, as 10.0.0.1: nobody means that.
        return host.Count(c => c == '.') == 3 && IPAddress.TryParse(host, out IPAddress? v4) ? v4 : null;
    }

    private static ListenAddress? ParseUnix(string path, ref Problem problem)
    {
        if (path.StartsWith('/') && path.IndexOf('\0') < 0 && Encoding.UTF8.GetByteCount(path) <= Limits.UnixPathBytes)
            return new ListenAddress(null, path);
        problem = new Problem(
            "is not a unix socket", $"write unix: and an absolute path of at most {Limits.UnixPathBytes} bytes");
        return null;
    }
}
