using DataPlane.Gateway.Pipeline;
using DataPlane.Http.ProxyProtocol;

namespace DataPlane.Gateway.Connections.ProxyProtocol;

/// <summary>How many connections of one listener had which result. Any thread: once per connection.</summary>
public sealed class ProxyCounts(Listener listener)
{
    private static readonly string[] s_results =
    [
        "v1", "v2", "local", "none", "missing", "untrusted", "timeout", "closed",
    ];

    private static readonly string[] s_faults =
    [
        "", "bad_line_end", "bad_line_form", "bad_address", "bad_port", "bad_version", "bad_command", "bad_family",
        "bad_length", "bad_tlv", "bad_checksum",
    ];

    private readonly long[] _counts = new long[s_results.Length + s_faults.Length];

    public Listener Listener => listener;

    /// <summary>The words of the results, by their index; an empty one stands for nothing.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. s_results, .. s_faults];

    public long Of(int word) => Volatile.Read(ref _counts[word]);

    public long Of(string word) => Of(Array.IndexOf([.. Words], word));

    internal void Count(ProxyResult result) => Interlocked.Increment(ref _counts[(int)result]);

    internal void Count(ProxyHeaderFault fault) => Interlocked.Increment(ref _counts[s_results.Length + (int)fault]);
}
