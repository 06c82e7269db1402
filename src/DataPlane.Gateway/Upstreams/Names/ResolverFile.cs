using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>What <c>/etc/resolv.conf</c> says (resolv.conf(5)).</summary>
public sealed record ResolverFile(ImmutableArray<IPEndPoint> Resolvers, ImmutableArray<string> Search, int Dots)
{
    private const string Path = "/etc/resolv.conf";
    private const int DnsPort = 53;

    /// <summary>As the C library: more are not asked.</summary>
    private const int MostResolvers = 3;
    private const int MostDots = 15;

    /// <summary>Nothing at all when there is no such file.</summary>
    public static ResolverFile Read()
    {
        try
        {
            return Parse(File.ReadAllLines(Path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new ResolverFile([], [], 1);
        }
    }

    public static ResolverFile Parse(IEnumerable<string> lines)
    {
        var resolvers = ImmutableArray.CreateBuilder<IPEndPoint>();
        ImmutableArray<string> search = [];
        int dots = 1;
        foreach (string line in lines)
        {
            string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0][0] is '#' or ';') continue;
            switch (words[0])
            {
                case "nameserver" when resolvers.Count < MostResolvers
                    && IPAddress.TryParse(words[1], out var address):
                    resolvers.Add(new IPEndPoint(address, DnsPort));
                    break;
                // The last one counts.
                case "search" or "domain":
                    search = [.. words.Skip(1).Select(each => each.Trim('.').ToLowerInvariant())];
                    break;
                case "options":
                    dots = words.Skip(1).Aggregate(dots, DotsOf);
                    break;
            }
        }
        return new ResolverFile(resolvers.ToImmutable(), [.. search.Where(each => each.Length > 0)], dots);
    }

    private static int DotsOf(int before, string option) =>
        option.StartsWith("ndots:", StringComparison.Ordinal)
        && int.TryParse(option.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out int dots)
            ? Math.Min(dots, MostDots)
            : before;
}
