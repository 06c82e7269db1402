using System.Globalization;
using System.Text.RegularExpressions;
using DataPlane.Http;
using DataPlane.Http.Headers;
using DataPlane.Http.Requests;
using DataPlane.Http.Responses;
using DataPlane.Tests.Http.Requests;
using DataPlane.Tests.Http.Responses;

namespace DataPlane.Tests.Http;

/// <summary>
/// The parsers look at 32 bytes at once and go on where they stopped; an expression of the grammar looks at one byte
/// after the other. Over mutated heads of all lengths around a block both take the same ones, and find the same in
/// them; and the parsers say the same whether a head comes at once, in two pieces cut anywhere, or byte by byte.
/// </summary>
public sealed partial class HeadDifferenceTests
{
    private const int Rounds = 1500;

    private static readonly string[] s_pieces =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", "?", "%", "%2e", "//", "/.", "/../", "#", "\u0080", "\u00ff",
        "\u007f", "a", "-", "_", "(", "0", "\r\n\r\n", "x: y\r\n", "Host: b\r\n", "Content-Length: 1\r\n",
        "Content_Length: 1\r\n", "Connection: a, close\r\n", "HTTP/1.1", "HTTP/1.0",
        "X-A-Name-Of-More-Than-A-Block-Of-Bytes: v\r\n", "Accept: a value that is longer than one block of bytes\r\n",
    ];

    [Fact]
    public void Requests_AreTakenAsTheGrammarSays()
    {
        var random = new Random(20261122);
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var text = Mutate(random, RequestOf(random));
            var verdict = RequestVerdict.Of(text);
            var expected = RequestGrammar().Match(text);
            if (verdict.Status == ParseStatus.Complete)
            {
                Assert.True(expected.Success, text);
                AssertSame(text, expected);
                taken++;
            }
            else if (expected.Success && verdict.Status == ParseStatus.Invalid)
            {
                // What the grammar cannot tell: meanings of single fields, escapes, what an authority may be.
                Assert.True(
                    verdict.Fault is RequestFault.DuplicateHost or RequestFault.BadHost or RequestFault.MissingHost
                        or RequestFault.BadEscape or RequestFault.BadTargetForm or RequestFault.FramingAlias
                        or RequestFault.ConflictingContentLength or RequestFault.BadContentLength
                        or RequestFault.HostMismatch or RequestFault.BadAuthority or RequestFault.UnsupportedScheme,
                    $"{verdict.Fault}: {text}");
            }
        }

        Assert.InRange(taken, Rounds / 10, Rounds);
    }

    [Fact]
    public void Responses_AreTakenAsTheGrammarSays()
    {
        var random = new Random(20261123);
        var taken = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var text = Mutate(random, $"HTTP/1.1 {random.Next(100, 600)} OK\r\n{Lines(random)}\r\n{Rest(random)}");
            var verdict = ResponseVerdict.Of(text);
            var expected = ResponseGrammar().Match(text);
            if (verdict.Status == ParseStatus.Complete)
            {
                var head = new ResponseHead();
                var bytes = Latin1.Bytes(text);
                ResponseHeadParser.Parse(bytes, head, RequestMethod.Get, HeadLimits.Default);
                Assert.True(expected.Success, text);
                Assert.Equal(expected.Groups["code"].Value, head.StatusCode.ToString(CultureInfo.InvariantCulture));
                Assert.Equal(expected.Groups["reason"].Value, Latin1.Text(head.ReasonRange.Of(bytes)));
                Assert.Equal(expected.Length, head.HeadLength);
                AssertFields(bytes, expected, head.Fields);
                taken++;
            }
            else if (expected.Success && verdict.Status == ParseStatus.Invalid)
            {
                Assert.True(
                    verdict.Fault is ResponseFault.FramingAlias or ResponseFault.ConflictingContentLength
                        or ResponseFault.BadContentLength,
                    $"{verdict.Fault}: {text}");
            }
        }

        Assert.InRange(taken, Rounds / 10, Rounds);
    }

    private static void AssertSame(string text, Match expected)
    {
        var bytes = Latin1.Bytes(text);
        var head = new RequestHead();
        RequestHeadParser.Parse(bytes, head, HeadLimits.Default);
        Assert.Equal(expected.Length, head.HeadLength);
        Assert.Equal(expected.Groups["method"].Value, Latin1.Text(head.MethodRange.Of(bytes)));
        Assert.Equal(expected.Groups["minor"].Value, head.VersionMinor.ToString(CultureInfo.InvariantCulture));
        var target = expected.Groups["target"].Value;
        Assert.Equal(target, Latin1.Text(head.TargetRange.Of(bytes)));
        if (head.Form == TargetForm.Origin)
        {
            var parts = target.Split('?', 2);
            Assert.Equal(parts[0], Latin1.Text(head.PathRange.Of(bytes)));
            Assert.Equal(parts.Length == 2, head.HasQuery);
            Assert.Equal(parts.Length == 2 ? parts[1] : "", Latin1.Text(head.QueryRange.Of(bytes)));
        }

        if (head.HasPlainPath)
        {
            var raw = head.PathRange.Of(bytes);
            var canonical = new byte[raw.Length + 1];
            Assert.Equal(PathFault.None, CanonicalPath.WriteBySegments(raw, canonical, out var length, out var traits));
            Assert.True(raw.SequenceEqual(canonical.AsSpan(0, length)), text);
            Assert.Equal(PathTraits.None, traits);
        }

        AssertFields(bytes, expected, head.Fields);
    }

    private static void AssertFields(byte[] bytes, Match expected, ReadOnlySpan<HeaderField> fields)
    {
        var names = expected.Groups["name"].Captures;
        var values = expected.Groups["value"].Captures;
        Assert.Equal(names.Count, fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            Assert.Equal(names[i].Value, Latin1.Text(fields[i].Name(bytes)));
            Assert.Equal(values[i].Value.Trim(' ', '\t'), Latin1.Text(fields[i].Value(bytes)));
        }
    }

    private static string RequestOf(Random random)
    {
        var target = random.Next(8) switch
        {
            0 => "*",
            1 => "http://h:8/p?q",
            _ => Target(random),
        };
        var method = target == "*" ? "OPTIONS" : random.Next(2) == 0 ? "GET" : "PROPFIND";
        return $"{method} {target} HTTP/1.1\r\nHost: h:8\r\n{Lines(random)}\r\n{Rest(random)}";
    }

    private static string Target(Random random)
    {
        var target = "/" + string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Word(random) + "/"));
        return random.Next(3) == 0 ? $"{target}?a={Word(random)}" : target;
    }

    private static string Lines(Random random) => string.Concat(
        Enumerable.Range(0, random.Next(4))
            .Select(_ => $"X-{Word(random)}:{Space(random)}{Word(random)}{Space(random)}\r\n"));

    private static string Word(Random random) => new('w', random.Next(1, 40));

    private static string Space(Random random) => random.Next(4) switch { 0 => "", 1 => " \t", _ => " " };

    private static string Rest(Random random) => random.Next(2) == 0 ? "" : new string('b', random.Next(40));

    private static string Mutate(Random random, string text)
    {
        for (var edits = random.Next(3); edits > 0; edits--)
        {
            var at = random.Next(text.Length + 1);
            text = random.Next(3) switch
            {
                0 => text.Insert(at, s_pieces[random.Next(s_pieces.Length)]),
                1 when at < text.Length => text[..at] + (char)random.Next(256) + text[(at + 1)..],
                _ => text.Remove(at, Math.Min(1, text.Length - at)),
            };
        }

        return text;
    }

    [GeneratedRegex(
        """
        ^(?:\r\n)?(?<method>[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32})\x20(?<target>[!$-;=?-\[\]^_a-~]+)
        \x20HTTP/1\.(?<minor>[01])\r\n
        (?:(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+):(?<value>[\t\x20-\x7e\x80-\xff]*)\r\n)*
        \r\n
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex RequestGrammar();

    [GeneratedRegex(
        """
        ^HTTP/1\.[01]\x20(?<code>[1-9][0-9]{2})(?:\x20(?<reason>[\t\x20-\x7e\x80-\xff]*))?\r\n
        (?:(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+):(?<value>[\t\x20-\x7e\x80-\xff]*)\r\n)*
        \r\n
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ResponseGrammar();
}
