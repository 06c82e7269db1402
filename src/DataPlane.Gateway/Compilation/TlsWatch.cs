using DataPlane.Config.Tls;
using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Tells in the log what about TLS an operator should not overlook: certificates at their end, upstreams that are not
/// verified. Each once, unless it changes.
/// </summary>
public sealed class TlsWatch : IDisposable
{
    /// <summary>What an ACME client that fails leaves to notice it: they renew a month before the end.</summary>
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);

    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly SnapshotStore _snapshots;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _looking = new();

    public TlsWatch(SnapshotStore snapshots, TimeProvider time, ILogger logger)
    {
        _snapshots = snapshots;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => Look(), state: null, s_period, s_period);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Looks now. Any thread.</summary>
    public void Look()
    {
        lock (_looking)
        {
            var snapshot = _snapshots.Current;
            foreach (var listener in snapshot.Settings.Listeners) Judge($"listener {listener.Name}", listener.Tls);
            Judge("the admin listener", snapshot.Settings.Admin.Tls);
            foreach (var upstream in snapshot.Upstreams)
            {
                if (upstream.Tls is not { } tls) continue;
                if (tls.Config.Certificate is { } certificate) Judge($"upstream {upstream.Name}", certificate);
                if (!tls.Config.Verify && _told.Add($"{upstream.Name} unverified"))
                    TlsLog.Unverified(_logger, upstream.Name);
            }
        }
    }

    private void Judge(string owner, ListenerTlsConfig? tls)
    {
        if (tls is null) return;
        foreach (var each in tls.Certificates) Judge(owner, each.Chain);
    }

    private void Judge(string owner, CertificateChain chain)
    {
        var end = new DateTimeOffset(chain.Leaf.NotAfter);
        var now = _time.GetUtcNow();
        if (end - now > s_soon) return;
        bool isOver = end <= now;
        if (!_told.Add($"{owner} {chain.Digest} {isOver}")) return;
        string at = end.ToUniversalTime().ToString("u", System.Globalization.CultureInfo.InvariantCulture);
        if (isOver) TlsLog.Expired(_logger, chain.File, owner, at);
        else TlsLog.ExpiresSoon(_logger, chain.File, owner, at);
    }
}
