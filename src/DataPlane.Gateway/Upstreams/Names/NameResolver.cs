using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using DataPlane.Config;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>
/// From a name to its addresses: the hosts file first, then resolvers, through aliases and search domains, and for SRV
/// records on to the addresses of their targets. Cold; any thread.
/// </summary>
public sealed class NameResolver(DnsSettings settings, HostsFile hosts, TimeProvider time)
{
    /// <summary>Aliases followed one after the other.</summary>
    private const int MostAliases = 8;

    /// <summary>What files and the runtime say has no TTL: it is looked at again after so long.</summary>
    private static readonly TimeSpan s_local = TimeSpan.FromSeconds(10);

    private readonly DnsClient _client = new(settings, time);

    /// <summary>Null when nobody knows: no such name, no such addresses, or no answer.</summary>
    public async Task<NameAnswer?> ResolveAsync(string name, bool isService, CancellationToken stop)
    {
        var answer = isService ? await ServiceAsync(name, stop) : await AddressesAsync(name, stop);
        if (answer is null || answer.Addresses.IsEmpty) return null;
        return answer with { Addresses = InOrder(answer.Addresses) };
    }

    private async Task<NameAnswer?> AddressesAsync(string name, CancellationToken stop)
    {
        if (Fixed(name) is { Length: > 0 } known) return Local(known);
        if (settings.Resolvers.IsEmpty) return await AskRuntimeAsync(name, stop);
        foreach (string candidate in Candidates(name))
        {
            if (await AskFamiliesAsync(candidate, stop) is { Addresses.IsEmpty: false } answer) return answer;
        }
        return null;
    }

    private async Task<NameAnswer?> AskFamiliesAsync(string name, CancellationToken stop)
    {
        NameAnswer? four = null;
        if (settings.Family != DnsFamily.Ipv6) four = await AskAsync(name, DnsType.Address4, stop);
        bool asksSix = settings.Family switch
        {
            DnsFamily.Ipv4 => false,
            DnsFamily.Auto => four is null or { Addresses.IsEmpty: true },
            _ => true,
        };
        if (!asksSix) return four;
        var six = await AskAsync(name, DnsType.Address6, stop);
        // Half an answer would take the other half's endpoints away.
        if (settings.Family == DnsFamily.All && (four is null || six is null)) return null;
        if (four is null || six is null) return four is { Addresses.IsEmpty: false } ? four : six;
        return new NameAnswer(
            four.Addresses.AddRange(six.Addresses),
            six.Addresses.IsEmpty ? four.Ttl : four.Addresses.IsEmpty ? six.Ttl : Shorter(four.Ttl, six.Ttl));
    }

    /// <summary>Null when there was no answer; without addresses when there are none of this type.</summary>
    private async Task<NameAnswer?> AskAsync(string name, DnsType type, CancellationToken stop)
    {
        var ttl = TimeSpan.MaxValue;
        string asked = name;
        for (int aliases = 0; aliases <= MostAliases; aliases++)
        {
            if (await _client.AskAsync(asked, type, stop) is not { } reply) return null;
            if (reply.Code == DnsReply.NoSuchName) return new NameAnswer([], TimeSpan.Zero);
            string target = Follow(reply, asked.TrimEnd('.').ToLowerInvariant(), ref ttl);
            var found = reply.Records.Where(each => each.Type == type && each.Name == target).ToArray();
            if (found.Length > 0)
            {
                foreach (var record in found) ttl = Shorter(ttl, TimeSpan.FromSeconds(record.TtlSeconds));
                return new NameAnswer(
                    [.. found.Select(each => new ResolvedAddress(new IPEndPoint(each.Address!, 0)))], ttl);
            }
            if (target == asked.TrimEnd('.').ToLowerInvariant()) return new NameAnswer([], TimeSpan.Zero);
            // An alias into another zone that the resolver has not followed itself.
            asked = target;
        }
        return null;
    }

    private async Task<NameAnswer?> ServiceAsync(string name, CancellationToken stop)
    {
        if (await _client.AskAsync(name, DnsType.Service, stop) is not { Code: 0 } reply) return null;
        var ttl = TimeSpan.MaxValue;
        string target = Follow(reply, name.TrimEnd('.').ToLowerInvariant(), ref ttl);
        // RFC 2782: a single record with the root as target says that there is no such service.
        var services = reply.Records
            .Where(each => each.Type == DnsType.Service && each.Name == target && each.Target.Length > 0).ToArray();
        var addresses = ImmutableArray.CreateBuilder<ResolvedAddress>();
        foreach (var service in services)
        {
            // What the resolver sent along is for caches; asking again costs little and is right.
            if (await AddressesAsync(service.Target + ".", stop) is not { } found) continue;
            ttl = Shorter(ttl, Shorter(found.Ttl, TimeSpan.FromSeconds(service.TtlSeconds)));
            addresses.AddRange(found.Addresses.Select(each => new ResolvedAddress(
                new IPEndPoint(each.EndPoint.Address, service.Port), service.Priority, service.Weight)));
        }
        return new NameAnswer(addresses.ToImmutable(), ttl);
    }

    private static string Follow(DnsReply reply, string name, ref TimeSpan ttl)
    {
        for (int aliases = 0; aliases < MostAliases; aliases++)
        {
            var alias = reply.Records.FirstOrDefault(each => each.Type == DnsType.Alias && each.Name == name);
            if (alias is null) break;
            ttl = Shorter(ttl, TimeSpan.FromSeconds(alias.TtlSeconds));
            name = alias.Target;
        }
        return name;
    }

    private IPAddress[] Fixed(string name)
    {
        string bare = name.TrimEnd('.');
        var known = hosts.Find(bare);
        // RFC 6761, 6.3: never asked of a resolver.
        bool isHere = bare == "localhost" || bare.EndsWith(".localhost", StringComparison.Ordinal);
        if (known.Length == 0 && isHere) known = [IPAddress.Loopback, IPAddress.IPv6Loopback];
        return Wanted(known);
    }

    private async Task<NameAnswer?> AskRuntimeAsync(string name, CancellationToken stop)
    {
        try
        {
            return Local(Wanted(await Dns.GetHostAddressesAsync(name.TrimEnd('.'), stop)));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private IPAddress[] Wanted(IPAddress[] addresses)
    {
        var four = addresses.Where(each => each.AddressFamily == AddressFamily.InterNetwork).ToArray();
        var six = addresses.Where(each => each.AddressFamily == AddressFamily.InterNetworkV6).ToArray();
        return settings.Family switch
        {
            DnsFamily.Ipv4 => four,
            DnsFamily.Ipv6 => six,
            DnsFamily.Auto => four.Length > 0 ? four : six,
            _ => [.. four, .. six],
        };
    }

    private static NameAnswer Local(IPAddress[] addresses) =>
        new([.. addresses.Select(each => new ResolvedAddress(new IPEndPoint(each, 0)))], s_local);

    /// <summary>The name in the order in which it is asked for; a last dot says that it is whole.</summary>
    private IEnumerable<string> Candidates(string name)
    {
        if (name.EndsWith('.')) return [name];
        var inDomains = settings.Search.Select(domain => $"{name}.{domain}");
        return name.Count(each => each == '.') >= settings.Dots ? [name, .. inDomains] : [.. inDomains, name];
    }

    /// <summary>Resolvers rotate their answers: that must not look like a change.</summary>
    private static ImmutableArray<ResolvedAddress> InOrder(ImmutableArray<ResolvedAddress> addresses) =>
    [
        .. addresses.Distinct().OrderBy(each => each.Priority)
            .ThenBy(each => Convert.ToHexString(each.EndPoint.Address.GetAddressBytes()), StringComparer.Ordinal)
            .ThenBy(each => each.EndPoint.Port),
    ];

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
