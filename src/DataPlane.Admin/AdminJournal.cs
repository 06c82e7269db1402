using System.Net;
using System.Security.Cryptography;
using System.Text;
using DataPlane.Gateway.Recording;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlane.Admin;

/// <summary>
/// What happened at the admin listener: who was refused and who changed something, in the gateway's log and as metrics.
/// Never what was sent. Outlives the rules of access, which change with the configuration. Any thread.
/// </summary>
public sealed partial class AdminJournal : IMetricSource
{
    /// <summary>Category of the messages about changes; a log must not leave one out because they repeat.</summary>
    public const string Changes = "DataPlane.Admin.Changes";

    private const string Refusals = "DataPlane.Admin.Refusals";
    private const string CallerKey = "dataplane.admin.caller";
    private const int IdentityDigits = 8;

    private static readonly byte[][] s_reasons =
    [
        .. Enum.GetValues<AccessRefusal>().Select(each => MetricLabel.Render("reason", NameOf(each))),
    ];

    private readonly long[] _refused = new long[s_reasons.Length];
    // Of this process only: what the log says about a token must not help to find it.
    private readonly Lazy<byte[]> _identityKey = new(static () => RandomNumberGenerator.GetBytes(32));
    private readonly ILogger _changes;
    private readonly ILogger _refusals;

    public AdminJournal(ILoggerFactory loggers, TimeProvider time)
    {
        _changes = loggers.CreateLogger(Changes);
        _refusals = loggers.CreateLogger(Refusals);
        WrongTokens = new WrongTokens(time);
    }

    internal WrongTokens WrongTokens { get; }

    public void Write(PrometheusText text)
    {
        text.Family("dataplane_admin_refused_requests"u8, MetricKind.Counter,
            "Requests the admin listener refused because of who sent them."u8);
        for (int reason = 0; reason < s_reasons.Length; reason++)
            text.Sample(Interlocked.Read(ref _refused[reason]), s_reasons[reason]);
    }

    /// <summary>A name for a token that tells two of them apart and neither of them.</summary>
    internal string IdentityOf(string token)
    {
        byte[] hash = HMACSHA256.HashData(_identityKey.Value, Encoding.UTF8.GetBytes(token));
        return "token " + Convert.ToHexStringLower(hash)[..IdentityDigits];
    }

    internal void Refused(HttpContext context, AccessRefusal reason)
    {
        Interlocked.Increment(ref _refused[(int)reason]);
        LogRefused(_refusals, ClientOf(context), NameOf(reason));
    }

    /// <summary>Remembers who the request comes from, for what it changes.</summary>
    internal static void Admit(HttpContext context, string identity) => context.Items[CallerKey] = identity;

    /// <summary>Writes down who changed what.</summary>
    public void Changed(HttpContext context, string change, string result) =>
        LogChanged(_changes, change, ClientOf(context), CallerOf(context), result);

    internal void Configured(HttpContext context, string result, string before, string after) =>
        LogConfigured(_changes, ClientOf(context), CallerOf(context), result, before, after);

    private static string CallerOf(HttpContext context) => context.Items[CallerKey] as string ?? "nobody known";

    private static string ClientOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
            ? new IPEndPoint(address, context.Connection.RemotePort).ToString()
            : "unix socket";

    private static string NameOf(AccessRefusal reason) => reason switch
    {
        AccessRefusal.Token => "token",
        AccessRefusal.Attempts => "attempts",
        AccessRefusal.Address => "address",
        AccessRefusal.Host => "host",
        _ => "origin",
    };

    [LoggerMessage(1, LogLevel.Information, "{Change} by {Client} ({Caller}): {Result}.")]
    private static partial void LogChanged(
        ILogger logger, string change, string client, string caller, string result);

    [LoggerMessage(2, LogLevel.Information,
        "PUT /config by {Client} ({Caller}): {Result}; version {Before} before, {After} after.")]
    private static partial void LogConfigured(
        ILogger logger, string client, string caller, string result, string before, string after);

    [LoggerMessage(3, LogLevel.Warning, "A request of {Client} to the admin listener was refused: {Reason}.")]
    private static partial void LogRefused(ILogger logger, string client, string reason);
}
