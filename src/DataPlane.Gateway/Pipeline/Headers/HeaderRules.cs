using System.Collections.Immutable;
using System.Text;
using DataPlane.Config;
using DataPlane.Gateway.Pipeline.Templates;
using DataPlane.Http.Bodies;
using DataPlane.Http.Headers;

namespace DataPlane.Gateway.Pipeline.Headers;

/// <summary>
/// The changes of one route to the fields of one direction: which to leave out when copying, and the lines to write
/// after them. Immutable; any thread; 0 bytes.
/// </summary>
public sealed class HeaderRules
{
    private readonly byte[][] _removedNames;
    private readonly CompiledTemplate _lines;

    private HeaderRules(HeaderRulesConfig config, CompiledTemplate lines)
    {
        _lines = lines;
        var names = new List<byte[]>(1);
        foreach (var name in config.Remove) AddRemoved(name, names);
        foreach (var rule in config.Set) AddRemoved(rule.Name, names);
        _removedNames = [.. names];
    }

    /// <summary>Known names that are removed; the alias kinds stand for several names and are compared instead.
    /// </summary>
    public KnownHeaderSet RemovedKnown { get; private set; }

    /// <summary>Bit n: a name that has to be compared is n bytes long, modulo 64.</summary>
    public ulong RemovedLengths { get; private set; }

    /// <summary>Null when the configuration changes nothing. Throws <see cref="ArgumentException"/> as
    /// <see cref="CompiledTemplate.Compile"/> does.</summary>
    public static HeaderRules? Compile(HeaderRulesConfig? config, ImmutableArray<string> captureNames)
    {
        if (config is null || (config.Remove.IsEmpty && config.Set.IsEmpty && config.Add.IsEmpty)) return null;
        var lines = new TemplateCompiler(captureNames, TemplateTarget.HeaderValue);
        foreach (var rule in config.Set) Append(rule, lines);
        foreach (var rule in config.Add) Append(rule, lines);
        return new HeaderRules(config, lines.ToTemplate());
    }

    /// <summary>Whether a field is left out: its name is removed, or set by <see cref="Write"/>. Case-insensitive, and
    /// an underscore is a dash: behind interfaces such as CGI both spellings are one variable, so that a client could
    /// put its own value beside ours. <paramref name="known"/> is the name's own kind.</summary>
    public bool Removes(KnownHeader known, ReadOnlySpan<byte> name)
    {
        if (HasOneName(known)) return RemovedKnown.Has(known);
        return (RemovedLengths & LengthBit(name.Length)) != 0 && RemovesName(name);
    }

    /// <summary>What is removed from a head must not come in behind the body.</summary>
    public void RemoveFrom(TrailerFields trailers)
    {
        for (int at = 0; at < trailers.Lines.Length;)
        {
            var rest = trailers.Lines[at..];
            int before = rest.Length;
            TrailerFields.TryTake(ref rest, out var name, out _);
            if (Removes(KnownHeaders.Identify(name), name)) trailers.Remove(at, before - rest.Length);
            else at += before - rest.Length;
        }
    }

    /// <summary>The lines of set and add, each with its CRLF: bytes written, or
    /// <see cref="CompiledTemplate.DoesNotFit"/> or <see cref="CompiledTemplate.Refused"/>.</summary>
    public int Write(in TemplateInput input, Span<byte> destination) => _lines.Render(input, destination);

    private static void Append(HeaderRule rule, TemplateCompiler lines)
    {
        lines.Append(rule.Name);
        lines.Append(": ");
        lines.Append(rule.Value);
        lines.Append("\r\n");
    }

    private void AddRemoved(string name, List<byte[]> names)
    {
        var bytes = Encoding.ASCII.GetBytes(name);
        var known = KnownHeaders.Identify(bytes);
        if (HasOneName(known))
        {
            RemovedKnown = RemovedKnown.With(known);
            if (!name.Contains('-', StringComparison.Ordinal)) return;
        }
        names.Add(bytes);
        RemovedLengths |= LengthBit(bytes.Length);
    }

    private bool RemovesName(ReadOnlySpan<byte> name)
    {
        foreach (var removed in _removedNames)
        {
            if (Ascii.EqualsIgnoreCase(name, removed) || IsAlias(name, removed)) return true;
        }
        return false;
    }

    private static bool IsAlias(ReadOnlySpan<byte> name, ReadOnlySpan<byte> removed)
    {
        if (name.Length != removed.Length || !name.Contains((byte)'_')) return false;
        for (int at = 0; at < name.Length; at++)
        {
            bool isDash = name[at] == (byte)'_' && removed[at] == (byte)'-';
            if (!isDash && !Ascii.EqualsIgnoreCase(name.Slice(at, 1), removed.Slice(at, 1))) return false;
        }
        return true;
    }

    private static bool HasOneName(KnownHeader known) =>
        known is not (KnownHeader.Other or KnownHeader.ForwardedAlias or KnownHeader.FramingAlias);

    private static ulong LengthBit(int length) => 1UL << (length & 63);
}
