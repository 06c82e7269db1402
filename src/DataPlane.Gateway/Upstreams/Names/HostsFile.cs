using System.Net;

namespace DataPlane.Gateway.Upstreams.Names;

/// <summary>What <c>/etc/hosts</c> says, read again when it changes. Any thread.</summary>
public sealed class HostsFile(string path)
{
    private readonly Lock _reading = new();
    private Dictionary<string, IPAddress[]> _known = [];
    private (DateTime Written, long Length) _seen;

    public HostsFile()
        : this(OperatingSystem.IsWindows()
            ? Path.Combine(Environment.SystemDirectory, "drivers", "etc", "hosts")
            : "/etc/hosts")
    {
    }

    /// <summary>None when the file does not name it.</summary>
    public IPAddress[] Find(string name)
    {
        lock (_reading)
        {
            try
            {
                var file = new FileInfo(path);
                var now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
                if (now != _seen) _known = file.Exists ? Parse(File.ReadAllLines(path)) : [];
                _seen = now;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // What was read before stays.
            }
            return _known.GetValueOrDefault(name, []);
        }
    }

    private static Dictionary<string, IPAddress[]> Parse(string[] lines)
    {
        var known = new Dictionary<string, List<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines)
        {
            string[] words = line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address)) continue;
            foreach (string name in words.Skip(1))
            {
                if (!known.TryGetValue(name, out var addresses)) known.Add(name, addresses = []);
                if (!addresses.Contains(address)) addresses.Add(address);
            }
        }
        return known.ToDictionary(each => each.Key, each => each.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
    }
}
