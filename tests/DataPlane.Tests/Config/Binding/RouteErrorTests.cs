namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in <c>routes</c>, except in their targets and header rules.</summary>
public sealed class RouteErrorTests
{
    [Fact]
    public void MissingKeys_AreNamed() => ConfigText.Fails(
        """
        routes: [ {} ]
        """,
        "g.yaml:1:11: routes[0].match: is required; add 'match: ...'",
        "g.yaml:1:11: routes[0].to: is required; add 'to: ...'");

    [Fact]
    public void MatchWithoutPath_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: {}
            to: { mock: {} }
        """,
        "g.yaml:2:12: routes[0].match.path: is required; add 'path: ...'");

    [Fact]
    public void PathWithoutSlash_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: x }
            to: { mock: {} }
        """,
        "g.yaml:2:20: routes[0].match.path: a path starts with '/'; add the '/'");

    [Fact]
    public void SameMatchWithOtherNames_NamesBothLines() => ConfigText.Fails(
        """
        routes:
          - match: { path: "/x/{id}", hosts: [a, b] }
            to: { mock: {} }
          - match: { path: "/x/{name}", hosts: [b, a] }
            to: { mock: {} }
        """,
        "g.yaml:4:12: routes[1].match: the route on line 4 matches the same requests as the one on line "
            + "2; remove one, or give them different priorities");

    [Fact]
    public void SameId_NamesTheOtherLine() => ConfigText.Fails(
        """
        routes:
          - { id: a, match: { path: /1 }, to: { mock: {} } }
          - { id: a, match: { path: /2 }, to: { mock: {} } }
        """,
        "g.yaml:3:11: routes[1].id: the id 'a' is already on line 2; write another id");

    [Fact]
    public void IdWithSpace_IsRefused() => ConfigText.Fails(
        """
        routes: [ { id: "a b", match: { path: / }, to: { mock: {} } } ]
        """,
        "g.yaml:1:17: routes[0].id: is not an id; use at most 256 printable ASCII characters, no spaces, "
            + "quotes or backslashes");

    [Fact]
    public void HostWithPort_SaysToRemoveIt() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, hosts: ["a:80"] }
            to: { mock: {} }
        """,
        "g.yaml:2:31: routes[0].match.hosts[0]: 'a:80' is not a host; remove the port: a route matches on any");

    [Fact]
    public void UrlInsteadOfHost_SaysHostAlone() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, hosts: ["http://x"] }
            to: { mock: {} }
        """,
        "g.yaml:2:31: routes[0].match.hosts[0]: 'http://x' is not a host; write the host alone");

    [Fact]
    public void StarInTheMiddle_ShowsTheForm() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, hosts: ["a.*.com"] }
            to: { mock: {} }
        """,
        "g.yaml:2:31: routes[0].match.hosts[0]: 'a.*.com' is not a host; write the star as the first "
            + "label: *.example.com");

    [Fact]
    public void HostWithFinalDot_SaysToRemoveIt() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, hosts: ["a.com."] }
            to: { mock: {} }
        """,
        "g.yaml:2:31: routes[0].match.hosts[0]: 'a.com.' is not a host; remove the final dot");

    [Fact]
    public void EmptyHost_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, hosts: [""] }
            to: { mock: {} }
        """,
        "g.yaml:2:31: routes[0].match.hosts[0]: '' is not a host; write api.example.com, *.example.com or *");

    [Fact]
    public void HostInUnicode_SaysAscii() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, hosts: ["é.com"] }
            to: { mock: {} }
        """,
        "g.yaml:2:31: routes[0].match.hosts[0]: 'é.com' is not a host; write it in its ASCII form (xn--...)");

    [Fact]
    public void SameHostInAnotherCase_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, hosts: [a.com, A.com] }
            to: { mock: {} }
        """,
        "g.yaml:2:38: routes[0].match.hosts[1]: 'A.com' is there twice; keep one of the two");

    [Fact]
    public void MethodInLowerCase_ShowsUpperCase() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, methods: [get] }
            to: { mock: {} }
        """,
        "g.yaml:2:33: routes[0].match.methods[0]: 'get' is not 'GET': methods are case-sensitive; write GET");

    [Fact]
    public void Connect_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, methods: [CONNECT] }
            to: { mock: {} }
        """,
        "g.yaml:2:33: routes[0].match.methods[0]: CONNECT is always refused; remove it");

    [Fact]
    public void MethodThatIsNoToken_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, methods: ["G T"] }
            to: { mock: {} }
        """,
        "g.yaml:2:33: routes[0].match.methods[0]: 'G T' is not a method; write GET, POST, ...");

    [Fact]
    public void SameMethod_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, methods: [PUT, PUT] }
            to: { mock: {} }
        """,
        "g.yaml:2:38: routes[0].match.methods[1]: 'PUT' is there twice; keep one of the two");

    [Fact]
    public void HeaderConditionWithoutName_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, headers: { "a b": 1 } }
            to: { mock: {} }
        """,
        "g.yaml:2:34: routes[0].match.headers['a b']: 'a b' is not a header name; use letters, digits "
            + "and '-' only");

    [Fact]
    public void SameHeaderConditionInAnotherCase_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, headers: { X-A: 1, x-a: 2 } }
            to: { mock: {} }
        """,
        "g.yaml:2:42: routes[0].match.headers.x-a: 'x-a' is there twice; keep one of the two");

    [Fact]
    public void HeaderConditionWithLineEnd_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, headers: { x: "a\nb" } }
            to: { mock: {} }
        """,
        "g.yaml:2:37: routes[0].match.headers.x: contains the character U+000A, which a header value "
            + "cannot hold; remove it");

    [Fact]
    public void QueryConditionWithoutName_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, query: { "": 1 } }
            to: { mock: {} }
        """,
        "g.yaml:2:32: routes[0].match.query['']: the name is empty; write the query field's name");

    [Fact]
    public void PriorityOutOfRange_ShowsTheRange() => ConfigText.Fails(
        """
        routes:
          - match: { path: /, priority: 5000 }
            to: { mock: {} }
        """,
        "g.yaml:2:33: routes[0].match.priority: '5000' is out of range; write a value from -1000 to 1000");

    [Fact]
    public void UnknownEncodedSlash_ShowsTheChoices() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            encodedSlash: allow
            to: { mock: {} }
        """,
        "g.yaml:3:19: routes[0].encodedSlash: 'allow' is not known here; write one of: reject, keep");

    [Fact]
    public void BodySizeAndTimeout_AreChecked() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            requestBodyBytes: -1
            timeout: 5
            to: { mock: {} }
        """,
        "g.yaml:3:23: routes[0].requestBodyBytes: '-1' is not a size; write a whole number of bytes, or "
            + "one with KiB, MiB or GiB, such as 64KiB",
        "g.yaml:4:14: routes[0].timeout: '5' is not a duration; write a whole number and ms, s, m or h, "
            + "such as 250ms or 10s");

    [Fact]
    public void PoliciesWithMistakes_AreAllNamed() => ConfigText.Fails(
        """
        policies: { a: { cors: {} }, b: { nope: {} }, c: x, d: { a: 1, b: 2 } }
        routes:
          - match: { path: / }
            policies: [ a, aa, { cors: {} }, {} ]
            to: { mock: {} }
        """,
        "g.yaml:1:18: policies.a.cors: is not in this version; remove it: this policy arrives in a later "
            + "version",
        "g.yaml:1:35: policies.b.nope: unknown policy 'nope'; known policies in this version "
            + "are: cache, concurrencyLimit, rateLimit",
        "g.yaml:1:50: policies.c: names no kind; write one kind and its settings: { kind: { ... } }",
        "g.yaml:1:56: policies.d: names more than one kind; write one kind and its settings: { kind: { "
            + "... } }",
        "g.yaml:4:20: routes[0].policies[1]: there is no policy 'aa'; did you mean 'a'?",
        "g.yaml:4:26: routes[0].policies[2].cors: is not in this version; remove it: this policy "
            + "arrives in a later version",
        "g.yaml:4:38: routes[0].policies[3]: names no kind; write one kind and its settings: { kind: { "
            + "... } }");
}
