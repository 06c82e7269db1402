namespace DataPlane.Tests.Config.Reading;

/// <summary>Syntax of the file itself: whatever it is, an error with its place and no exception.</summary>
public sealed class YamlSyntaxErrorTests
{
    [Fact]
    public void UnclosedList_NamesItsBracket() => ConfigText.Fails(
        """
        a: [1, 2
        b: 3
        """,
        "g.yaml:1:4: the '[' is not closed; add the missing ']' or ','");

    [Fact]
    public void UnclosedMapping_NamesItsBracket() => ConfigText.Fails(
        """
        admin: { token: x
        """,
        "g.yaml:2:1: the YAML cannot be read: while parsing a flow mapping, did not find expected ',' or "
            + "'}'; check brackets and commas, and quote a text that contains any of [ ] { } , :");

    [Fact]
    public void VariableWithoutQuotesInBraces_SaysToQuote() => ConfigText.Fails(
        """
        admin: { token: ${X} }
        """,
        "g.yaml:1:18: the YAML cannot be read: while parsing a flow mapping, did not find expected ',' "
            + "or '}'; check brackets and commas, and quote a text that contains any of [ ] { } , :");

    [Fact]
    public void AddressInBracketsWithoutQuotes_SaysToQuote() => ConfigText.Fails(
        """
        listeners: [ { name: a, address: [::]:8080 } ]
        """,
        "g.yaml:1:38: the YAML cannot be read: while parsing a flow mapping, did not find expected ',' "
            + "or '}'; check brackets and commas, and quote a text that contains any of [ ] { } , :");

    [Fact]
    public void TabAsIndentation_NamesTheTab() => ConfigText.Fails(
        """
        limits:
        \tconnections: 5
        """.Replace("\\t", "\t", StringComparison.Ordinal),
        "g.yaml:2:1: the YAML cannot be read: while scanning a mapping, found invalid tab as "
            + "indentation; indent with spaces");

    [Fact]
    public void WrongIndentation_NamesTheLine() => ConfigText.Fails(
        """
        limits:
          connections: 5
         admin: x
        """,
        "g.yaml:3:2: the YAML cannot be read: while parsing a block mapping, did not find expected key; "
            + "check the indentation, and quote a text that contains ': ' or starts with any of [ { * & ! % @");

    [Fact]
    public void UnclosedQuote_NamesItsStart() => ConfigText.Fails(
        """
        admin:
          token: "abc
        """,
        "g.yaml:2:10: the YAML cannot be read: while scanning a quoted scalar, found unexpected end of "
            + "stream; check the quotes and escapes");

    [Fact]
    public void EscapeBeyondUnicode_IsAnError() => ConfigText.Fails(
        """
        limits: { connections: "\UFFFFFFFF" }
        """,
        "g.yaml:1:11: the YAML after this cannot be read; check quotes, brackets and escapes");

    [Fact]
    public void LoneSurrogateEscape_IsAnError() => ConfigText.Fails(
        """
        admin: { token: "\ud83d" }
        """,
        "g.yaml:1:17: the YAML cannot be read: while scanning a quoted scalar, found invalid Unicode "
            + "surrogates; check the quotes and escapes");

    [Fact]
    public void SecondDocument_IsRefused() => ConfigText.Fails(
        """
        limits: {}
        ---
        limits: {}
        """,
        "g.yaml:2:1: a second YAML document starts here; keep one document in a file");

    [Fact]
    public void AnchorAliasAndTag_AreAllRefused() => ConfigText.Fails(
        """
        limits: &x { connections: 5 }
        admin: *x
        forwarding: !!map {}
        """,
        "g.yaml:1:9: limits: anchors (&name) are not allowed; write the value out where it is used",
        "g.yaml:2:8: admin: aliases (*name) are not allowed; write the value out",
        "g.yaml:3:13: forwarding: tags (!name) are not allowed; remove the tag, and quote a text");

    [Fact]
    public void MergeKey_IsRefused() => ConfigText.Fails(
        """
        <<: { a: b }
        """,
        "g.yaml:1:1: merge keys (<<) are not allowed; write the keys out");

    [Fact]
    public void KeyTwice_NamesTheFirstLine() => ConfigText.Fails(
        """
        limits: { connections: 5,
                  connections: 6 }
        limits: {}
        """,
        "g.yaml:2:11: limits.connections: the key is already on line 1; keep one of the two",
        "g.yaml:3:1: limits: the key is already on line 1; keep one of the two");

    [Fact]
    public void NestedKeyTwice_NamesItsPath() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { mock: { status: 200, status: 201 } }
        """,
        "g.yaml:3:32: routes[0].to.mock.status: the key is already on line 3; keep one of the two");

    [Fact]
    public void ListAsKey_IsRefused() => ConfigText.Fails(
        """
        ? [a]
        : b
        """,
        "g.yaml:1:3: a key is a list; write a name before the ':'");
}
