using System.Runtime.CompilerServices;
using DataPlane.Http.Requests;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// One walk over one host's trie: depth first, literal before parameter before greedy, so that the first route reached
/// is the best of its priority. A node stands for one way to cut the path into segments, hence is entered at most once,
/// whatever the path. Alternatives wait on a stack as deep as the routes, not as the path. Lives on the caller's stack.
/// </summary>
internal ref struct RouteSearch
{
    public const int NoEntry = -1;

    /// <summary>Alternatives that routes of up to eight segments leave.</summary>
    private const int UsualWaiting = 16;

    private readonly TrieTables _tables;
    private readonly ReadOnlySpan<byte> _path;
    private readonly RequestHead _head;
    private readonly ReadOnlySpan<byte> _headBytes;
    private readonly ulong _method;
    private readonly bool _isHead;
    private bool _collects;
    private int _priority;

    public RouteSearch(
        TrieTables tables, ReadOnlySpan<byte> path, RequestHead head, ReadOnlySpan<byte> headBytes, ulong method)
    {
        _tables = tables;
        _path = path;
        _head = head;
        _headBytes = headBytes;
        _method = method;
        _isHead = head.Method == RequestMethod.Head;
    }

    /// <summary>The best route so far, or <see cref="NoEntry"/>.</summary>
    public int Entry { get; private set; } = NoEntry;

    /// <summary>The node of <see cref="Entry"/>.</summary>
    public int Node { get; private set; }

    /// <summary>A route fits but for its method, and perhaps its conditions: worth a <see cref="Collect"/>.</summary>
    public bool MissedMethod { get; private set; }

    /// <summary>Methods of the routes that fit but for the method; after <see cref="Collect"/>.</summary>
    public ulong OtherMethods { get; private set; }

    /// <summary>Nodes entered by all walks, for the tests that bound it.</summary>
    public int EnteredNodes { get; private set; }

    /// <summary>True when the trie has a route for the request.</summary>
    public bool Find(int root)
    {
        Walk(root);
        return Entry != NoEntry;
    }

    /// <summary>Adds to <see cref="OtherMethods"/>; only after <see cref="Find"/> answered false.</summary>
    public void Collect(int root)
    {
        _collects = true;
        Walk(root);
        _collects = false;
    }

    [SkipLocalsInit] // frames are read only after they were written; a long route's stack costs nothing to clear
    private void Walk(int root)
    {
        // A constant size costs less than asking for one, and is enough for nearly all tables.
        Span<TrieFrame> waiting = _tables.MaxWaiting <= UsualWaiting
            ? stackalloc TrieFrame[UsualWaiting]
            : stackalloc TrieFrame[_tables.MaxWaiting];
        var nodes = _tables.Nodes;
        var path = _path;
        var count = 0;
        var node = root;
        var offset = 0;
        while (true)
        {
            EnteredNodes++;
            ref readonly var at = ref nodes[node];
            if (offset == path.Length)
            {
                Try(node, in at);
            }
            else if (Step(in at, path, ref offset, waiting, ref count) is > 0 and var child)
            {
                node = child;
                continue;
            }
            do
            {
                if (count == 0) return;
                (node, offset) = waiting[--count];
            }
            while (Entry != NoEntry && nodes[node].MaxPriority <= _priority);
        }
    }

    /// <summary>Goes one segment down a literal, leaving the alternatives on the stack. The child, or 0 when no literal
    /// fits.</summary>
    private readonly int Step(
        in TrieNode at, ReadOnlySpan<byte> path, ref int offset, Span<TrieFrame> waiting, ref int count)
    {
        var rest = path[(offset + 1)..];
        var length = rest.IndexOf((byte)'/');
        if (length < 0) length = rest.Length;
        // An empty rest too, so that a trailing slash never leaves a route's reach: /admin/ is under /admin/{rest+}.
        // Only the root is not under /{rest+}: it is a path of its own everywhere.
        if (at.Greedy != 0 && (offset > 0 || !rest.IsEmpty)) waiting[count++] = new TrieFrame(at.Greedy, path.Length);
        if (at.Parameter != 0 && length > 0) waiting[count++] = new TrieFrame(at.Parameter, offset + 1 + length);
        var child = at.EdgeMask < 0 ? 0 : _tables.FindLiteral(at, rest[..length]);
        if (child != 0) offset += 1 + length;
        return child;
    }

    private void Try(int node, in TrieNode at)
    {
        var start = _isHead ? at.HeadEntryStart : at.EntryStart;
        for (var i = start; i < start + at.EntryCount; i++)
        {
            ref readonly var entry = ref _tables.Entries[i];
            if (Entry != NoEntry && entry.Priority <= _priority) return; // best first: the others are no better
            if (_collects)
            {
                if (entry.MeetsConditions(_head, _headBytes)) OtherMethods |= entry.Methods;
                continue;
            }
            if ((entry.Methods & _method) == 0)
            {
                MissedMethod = true;
                continue;
            }
            if (!entry.MeetsConditions(_head, _headBytes)) continue;
            Entry = i;
            Node = node;
            _priority = entry.Priority;
            return;
        }
    }
}
