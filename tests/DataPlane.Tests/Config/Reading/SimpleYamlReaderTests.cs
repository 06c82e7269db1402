using System.Globalization;
using System.Text;
using DataPlane.Config;
using DataPlane.Config.Reading;

namespace DataPlane.Tests.Config.Reading;

/// <summary>The complete reader is the judge: what this one understands, both read alike, places included.</summary>
public sealed class SimpleYamlReaderTests
{
    /// <summary>What a random text is put together from: pieces that mean something, and such as are odd.</summary>
    private static readonly string[] s_pieces =
    [
        "a", "b: ", "c:\n", "- ", "-", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "  ", " ", ": ", ":", "#", " # note",
        "[", "]", "{", "}", ", ", ",", "\"", "\"x\"", "'y'", "'", "''", "\\n", "http://a.b/c?d=e", "{id}", "\"{id}\"",
        "1", "-5", "true", "~", "null", "| \n", ">", "&x", "*x", "!t", "?", "? ", "%", "@", "`", "é", "---", "...",
        "<<: ", "x y", "k: v", "k: [1, 2]", "k: {a: b, c: \"d\"}", "\t", "key:value", "it's", "\"k\":1", "\"k\": 1",
        "${A}", "$$", "\r\n", "\\", "\"\\u0041\\n\"", "a#b", "a:b", "::", "a: ", "routes:\n", "\n  k: v", "\n    k: v",
    ];

    [Theory]
    [InlineData("a: 1")]
    [InlineData("a: 1\n")]
    [InlineData("# note\na: 1 # note\n\n  # more\nb: x y # z\n")]
    [InlineData("a:\nb:\n  c:\n")]
    [InlineData("a:\n- x\n- y\nb: 1\n")]
    [InlineData("a:\n  - x\n  -\n  - # note\n  - k: v\n    l: w\n\n  -   k: v\n      l: w\n")]
    [InlineData("x:\n- - a\n  - b\n- c\n")]
    [InlineData("a:\n  - - b\n    - c\n  - d: e\n")]
    [InlineData("a: {b: c, \"d\": [e, 'f', {}], g: [], }")]
    [InlineData("a: [ x, y, ]\nb: { }\n")]
    [InlineData("a:\n  {\n    b: c, # note\n    d: [\n      e\n    ]\n  }\n")]
    [InlineData("{\n  \"a\": 1,\n  \"b\": [\n    {\n      \"c\": null\n    }\n  ],\n  \"d\": {}\n}\n")]
    [InlineData("{\"a\":1,\"b\":[true,\"x\"],\"c\":{\"d\":-1.5e3}}")]
    [InlineData("a: \"x \\\"y\\\" \\\\ \\/ \\n \\u0041\"\nb: 'it''s'\nc: it's\nd: \"\"\ne: ''\n")]
    [InlineData("\"a b\": 1\n'c': 2\nd e: 3\n")]
    [InlineData("a: http://b:80/c?d=e#f\nb: \"#\"\nc: a#b\nd: -1\ne: --x\nf: a:b\n")]
    [InlineData("a: ~\nb: null\nc: 007\nd: 'null'\n")]
    [InlineData("a: é ü\nb: \"ß\" # ä\n")]
    [InlineData("routes:\n  - match: { p: /a }\n    to: { m: {} }\n  # note\n  - match:\n      p: /b\n\n  - {a: b}\n")]
    [InlineData("routes:\n- a: b\n  c: d\n-\n  a: b\n- x\nz: 1\n")]
    [InlineData("{\"routes\":[{\"a\":\"]}\"},{\"b\":[1,{}]}, {\n \"c\": 'x'\n}],\"z\":1}")]
    [InlineData("routes: [ { a: it's }, { b: \"x\" } # note }\n  , { c: d } ]\n")]
    [InlineData("a: $$x\nb: \"$\"\n")]
    public void TextAsPeopleWriteIt_IsReadLikeTheCompleteReaderReadsIt(string text)
    {
        Assert.NotNull(Simple(text));
        Assert.Equal(Complete(text), Simple(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("text")]
    [InlineData("a: |\n  text\n")]
    [InlineData("a: >\n  text\n")]
    [InlineData("a: &x 1\nb: *x\n")]
    [InlineData("a: !t 1")]
    [InlineData("a: one\n  two\n")]
    [InlineData("a: \"one\n  two\"\n")]
    [InlineData("? a\n: b\n")]
    [InlineData("a: 1\na: 2\n")]
    [InlineData("<<: 1")]
    [InlineData("a: b: c")]
    [InlineData("a: 1\n b: 2\n")]
    [InlineData("a:\n    b: 1\n  c: 2\n")]
    [InlineData("a: [1, 2")]
    [InlineData("a: [b: c]")]
    [InlineData("a: {b}")]
    [InlineData("a: \"\\x41\"")]
    [InlineData("a:\t1")]
    [InlineData("a: 1\r\n")]
    [InlineData("---\na: 1\n")]
    [InlineData("%YAML 1.2\n")]
    [InlineData("a: 1\n...\n")]
    [InlineData("a: 'x")]
    [InlineData("a: @b")]
    [InlineData("a: x # y\n  z\n")]
    public void OddText_IsLeftToTheCompleteReader(string text) => Assert.Null(Simple(text));

    [Fact]
    public void RandomText_IsReadAlikeOrLeft()
    {
        int understood = 0;
        for (int seed = 0; seed < 200_000; seed++)
        {
            var random = new Random(seed);
            var made = new StringBuilder();
            for (int left = random.Next(1, 14); left > 0; left--) made.Append(s_pieces[random.Next(s_pieces.Length)]);
            string text = made.ToString();
            if (Simple(text) is not { } simple) continue;
            understood++;
            if (Complete(text) is var complete && complete != simple)
                Assert.Fail($"seed {seed}:\n{text}\n--- simple\n{simple}\n--- complete\n{complete}");
        }
        Assert.InRange(understood, 2000, 200_000);
    }

    [Fact]
    public void RandomTree_IsReadAlikeInEveryStyle()
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            string text = new RandomYaml(seed).Write();
            string? simple = Simple(text);
            if (simple is null) Assert.Fail($"seed {seed} was left:\n{text}");
            Assert.Equal(Complete(text), simple);
        }
    }

    /// <summary>A text is cut anywhere: whatever is left, no reader accepts what the other one refuses.</summary>
    [Fact]
    public void CutText_IsReadAlikeOrLeft()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            string text = new RandomYaml(seed).Write();
            for (int length = 0; length < text.Length; length++)
            {
                if (Simple(text[..length]) is { } simple) Assert.Equal(Complete(text[..length]), simple);
            }
        }
    }

    /// <summary>Null when it is left, at once or with an entry that was deferred.</summary>
    internal static string? Simple(string text)
    {
        var source = new SimpleYamlSource("f", text, new Substitution(ConfigEnvironment.Empty, ""));
        try
        {
            return SimpleYamlReader.TryRead(source, "routes") is { } root ? Print(root) : null;
        }
        catch (NotSimpleYamlException)
        {
            return null;
        }
    }

    internal static string Complete(string text)
    {
        var errors = new ConfigErrors();
        ConfigNode? root = new YamlTreeReader("f", new Substitution(ConfigEnvironment.Empty, ""), errors)
            .Read(text, out bool isBroken);
        return isBroken || errors.Any ? $"errors: {errors.Items[0]}" : Print(root!);
    }

    private static string Print(ConfigNode node)
    {
        var text = new StringBuilder();
        Print(node, text);
        return text.ToString();
    }

    private static void Print(ConfigNode node, StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{node.Mark.Line}:{node.Mark.Column} ");
        switch (node)
        {
            case ScalarNode scalar:
                text.Append(CultureInfo.InvariantCulture, $"<{scalar.Value}> {scalar.IsPlain} {scalar.IsSecret}\n");
                break;
            case SequenceNode list:
                text.Append("[\n");
                foreach (ConfigNode item in list.Items) Print(item, text);
                text.Append("]\n");
                break;
            case MappingNode mapping:
                text.Append("{\n");
                foreach (MappingEntry entry in mapping.Entries)
                {
                    Print(entry.Key, text);
                    Print(entry.Value, text);
                }
                text.Append("}\n");
                break;
        }
    }
}
