using System.Net;
using System.Net.Sockets;

namespace DataPlane.Admin;

/// <summary>
/// Counts wrong tokens by client address, so that a weak token cannot be found by trying. An IPv6 client is its /64,
/// which is what a provider gives one customer. At most <see cref="AdminLimits.RememberedAddresses"/> are remembered;
/// then the one whose window began first is forgotten, which costs whoever has that many addresses nothing he did not
/// have. Any thread.
/// </summary>
internal sealed class WrongTokens(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (int Count, long Start)> _seen = [];

    /// <summary>How long the address has to wait; zero when it may try.</summary>
    public TimeSpan WaitOf(IPAddress? client)
    {
        lock (_lock)
        {
            if (!_seen.TryGetValue(KeyOf(client), out var seen)) return TimeSpan.Zero;
            var left = AdminLimits.AttemptWindow - time.GetElapsedTime(seen.Start);
            return seen.Count >= AdminLimits.WrongTokens && left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public void Add(IPAddress? client)
    {
        var key = KeyOf(client);
        lock (_lock)
        {
            bool isKnown = _seen.TryGetValue(key, out var seen)
                && time.GetElapsedTime(seen.Start) < AdminLimits.AttemptWindow;
            if (!isKnown && _seen.Count >= AdminLimits.RememberedAddresses) ForgetOldest();
            _seen[key] = isKnown ? (seen.Count + 1, seen.Start) : (1, time.GetTimestamp());
        }
    }

    private static IPAddress KeyOf(IPAddress? client)
    {
        if (client is null) return IPAddress.None;
        if (client.IsIPv4MappedToIPv6) return client.MapToIPv4();
        if (client.AddressFamily != AddressFamily.InterNetworkV6) return client;
        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private void ForgetOldest()
    {
        var oldest = _seen.MinBy(each => each.Value.Start).Key;
        _seen.Remove(oldest);
    }
}
