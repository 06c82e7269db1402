using System.Globalization;
using System.Net;
using System.Text;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Reads <c>syslog:unix:/dev/log</c> and <c>syslog:udp://host:514</c>.</summary>
internal static class SyslogTarget
{
    public const string Prefix = "syslog:";

    private const string Unix = "unix:";
    private const string Udp = "udp://";
    private const int StandardPort = 514;
    private const int MostTagBytes = 48; // RFC 5424 6.2.5

    /// <summary>RFC 5424 table 1, by the names syslog.conf has for them.</summary>
    private static readonly string[] s_facilities =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
        "ntp", "audit", "alert", "clock",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    public static KeyTable Keys { get; } = new(
        new ConfigKey("facility", ValueShape.Choice(s_facilities), "What part of a system speaks.")
        {
            Default = "local7",
        },
        new ConfigKey("tag", ValueShape.String, "The sender's name.") { Default = "dataplane" });

    /// <summary>Null when <paramref name="to"/> names no receiver; that is reported.</summary>
    public static SyslogConfig? Bind(string to, NodeReader log)
    {
        var marks = Check(log.Section("syslog"));
        string rest = to[Prefix.Length..];
        if (rest.StartsWith(Unix, StringComparison.Ordinal) && PathOf(rest[Unix.Length..]) is { } path)
            return marks with { UnixPath = path };
        if (rest.StartsWith(Udp, StringComparison.Ordinal)
            && TryAddress(rest[Udp.Length..], out string host, out int port))
        {
            return marks with { Host = host, Port = port };
        }
        log.Error("to", "names no syslog receiver", "write syslog:unix:/dev/log or syslog:udp://127.0.0.1:514");
        return null;
    }

    /// <summary>The section alone, which may be there without a syslog to use it.</summary>
    public static SyslogConfig Check(NodeReader reader)
    {
        string tag = reader.String("tag");
        if (tag.Length is 0 or > MostTagBytes || tag.Any(c => c is <= ' ' or > '~'))
        {
            reader.Error(
                "tag", "is not a syslog tag", $"write 1 to {MostTagBytes} printable characters without spaces");
        }
        return new SyslogConfig { Facility = Array.IndexOf(s_facilities, reader.Choice("facility")), Tag = tag };
    }

    private static string? PathOf(string path) =>
        path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
            && Encoding.UTF8.GetByteCount(path) <= Limits.UnixPathBytes
            ? path
            : null;

    private static bool TryAddress(string authority, out string host, out int port)
    {
        int colon = authority.LastIndexOf(':');
        bool hasPort = colon >= 0 && !authority.EndsWith(']');
        string name = hasPort ? authority[..colon] : authority;
        port = StandardPort;
        host = name.StartsWith('[') && name.EndsWith(']') ? name[1..^1] : name;
        if (hasPort && (!int.TryParse(
                authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || port is 0 or > IPEndPoint.MaxPort))
        {
            return false;
        }
        return host.Length != name.Length ? IPAddress.TryParse(host, out _) : HostRules.IsName(host);
    }
}
