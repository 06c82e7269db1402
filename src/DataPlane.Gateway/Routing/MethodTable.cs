using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// Sets of methods as 64 bits: bit n is <see cref="RequestMethod"/> n, then come the extension methods that routes
/// name, and bit 0 (<see cref="RequestMethod.Other"/>) is every method no route names. Any thread; 0 bytes, but for an
/// Allow value asked for the first time.
/// </summary>
internal sealed class MethodTable
{
    /// <summary>The set of a route that names no method: the unknown ones too.</summary>
    public const ulong Any = ulong.MaxValue;

    /// <summary>Bits left: real tables name a few of WebDAV's.</summary>
    public const int MaxExtensions = 64 - FirstExtension;

    private const int FirstExtension = (int)RequestMethod.Query + 1;

    private static readonly FrozenDictionary<string, RequestMethod> s_known = Enum.GetValues<RequestMethod>()
        .Where(method => method != RequestMethod.Other)
        .ToFrozenDictionary(method => method.ToString().ToUpperInvariant(), StringComparer.Ordinal);

    private readonly byte[][] _extensions;

    // Written by whoever needs a new union of sets first; a race renders the same bytes twice. The keys are unions of
    // the operator's sets, so a peer cannot make it grow beyond them.
    private readonly ConcurrentDictionary<ulong, byte[]> _allow = new();

    public MethodTable(ImmutableArray<string> extensions) =>
        _extensions = [.. extensions.Select(Encoding.ASCII.GetBytes)];

    public static bool IsKnown(string method, out RequestMethod known) => s_known.TryGetValue(method, out known);

    /// <summary>GET serves HEAD (RFC 9110 9.3.2) and no more: OPTIONS is the operator's to route.</summary>
    public static ulong SetOf(ImmutableArray<string> methods, ImmutableArray<string> extensions)
    {
        if (methods.IsDefaultOrEmpty) return Any;
        var set = NamedSetOf(methods, extensions);
        return (set & Bit(RequestMethod.Get)) == 0 ? set : set | Bit(RequestMethod.Head);
    }

    /// <summary>Without what GET implies.</summary>
    public static ulong NamedSetOf(ImmutableArray<string> methods, ImmutableArray<string> extensions)
    {
        ulong set = 0;
        foreach (var method in methods)
        {
            set |= IsKnown(method, out var known)
                ? Bit(known)
                : 1UL << (FirstExtension + extensions.IndexOf(method));
        }
        return set;
    }

    public static ulong Bit(RequestMethod method) => 1UL << (int)method;

    public ulong BitOf(RequestHead head, ReadOnlySpan<byte> headBytes) =>
        head.Method != RequestMethod.Other ? Bit(head.Method) : ExtensionBit(head.MethodRange.Of(headBytes));

    /// <summary>The value of Allow for a set: <c>GET, HEAD, POST</c>.</summary>
    public byte[] AllowOf(ulong set) => _allow.TryGetValue(set, out var value) ? value : Remember(set);

    private ulong ExtensionBit(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _extensions.Length; i++)
        {
            if (name.SequenceEqual(_extensions[i])) return 1UL << (FirstExtension + i);
        }
        return Bit(RequestMethod.Other);
    }

    private byte[] Remember(ulong set) => _allow.GetOrAdd(set, Encoding.ASCII.GetBytes(string.Join(", ", Names(set))));

    private IEnumerable<string> Names(ulong set)
    {
        for (var rest = set; rest != 0; rest &= rest - 1)
        {
            var bit = BitOperations.TrailingZeroCount(rest);
            yield return bit < FirstExtension
                ? ((RequestMethod)bit).ToString().ToUpperInvariant()
                : Encoding.ASCII.GetString(_extensions[bit - FirstExtension]);
        }
    }
}
