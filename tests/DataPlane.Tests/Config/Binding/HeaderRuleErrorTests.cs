namespace DataPlane.Tests.Config.Binding;

/// <summary>Mistakes in a route's <c>headers</c>.</summary>
public sealed class HeaderRuleErrorTests
{
    [Fact]
    public void FramingField_IsRefusedEverywhere() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers:
              request: { set: { Connection: x }, add: { transfer-encoding: chunked }, remove: [ Content-Length ] }
            to: { mock: {} }
        """,
        "g.yaml:4:25: routes[0].headers.request.set.Connection: 'Connection' is set by the gateway "
            + "itself; remove it",
        "g.yaml:4:49: routes[0].headers.request.add.transfer-encoding: 'transfer-encoding' is set by the "
            + "gateway itself; remove it",
        "g.yaml:4:89: routes[0].headers.request.remove[0]: 'Content-Length' is set by the gateway "
            + "itself; remove it");

    [Fact]
    public void HostOutsideSetOnRequests_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers:
              request: { add: { Host: a }, remove: [ host ] }
              response: { set: { Host: a } }
            to: { mock: {} }
        """,
        "g.yaml:4:25: routes[0].headers.request.add.Host: 'Host' can only be set, and only on requests; "
            + "move it to headers.request.set",
        "g.yaml:4:46: routes[0].headers.request.remove[0]: 'Host' can only be set, and only on requests; "
            + "move it to headers.request.set",
        "g.yaml:5:26: routes[0].headers.response.set.Host: 'Host' can only be set, and only on requests; "
            + "move it to headers.request.set");

    [Fact]
    public void EmptyHost_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { request: { set: { Host: "" } } }
            to: { mock: {} }
        """,
        "g.yaml:3:40: routes[0].headers.request.set.Host: the Host is empty; write the host the upstream "
            + "expects");

    [Fact]
    public void UnknownNameInBraces_ListsTheKnown() => ConfigText.Fails(
        """
        routes:
          - match: { path: "/{id}" }
            headers: { request: { set: { X-A: "{idd}" } } }
            to: { mock: {} }
        """,
        "g.yaml:3:39: routes[0].headers.request.set.X-A: unknown name 'idd' in braces; known names are: "
            + "id, request.id, client.address, request.host, request.path, request.query; write '{{' for a brace");

    [Fact]
    public void UnclosedBrace_SaysHowToEscape() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { request: { set: { X-A: "{id" } } }
            to: { mock: {} }
        """,
        "g.yaml:3:39: routes[0].headers.request.set.X-A: '{' has no closing '}'; close it, or write '{{' "
            + "for a brace");

    [Fact]
    public void NameThatIsNoToken_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { request: { set: { "b d": 1 } } }
            to: { mock: {} }
        """,
        "g.yaml:3:34: routes[0].headers.request.set['b d']: 'b d' is not a header name; use letters, "
            + "digits and '-' only");

    [Fact]
    public void ValueBeyondAscii_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { response: { add: { X-A: "é" } } }
            to: { mock: {} }
        """,
        "g.yaml:3:40: routes[0].headers.response.add.X-A: contains the character U+00E9, which a header "
            + "value cannot hold; write it percent-encoded or in ASCII");

    [Fact]
    public void ValueWithLineEnd_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { response: { add: { X-A: "a\r\nb" } } }
            to: { mock: {} }
        """,
        "g.yaml:3:40: routes[0].headers.response.add.X-A: contains a line end or a zero character; remove it");

    [Fact]
    public void ValueWithSpaceAround_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { response: { add: { X-A: " x" } } }
            to: { mock: {} }
        """,
        "g.yaml:3:40: routes[0].headers.response.add.X-A: starts or ends with a space; remove it: "
            + "receivers do");

    [Fact]
    public void SameFieldInAnotherCase_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { response: { set: { X-A: 1, x-a: 2 } } }
            to: { mock: {} }
        """,
        "g.yaml:3:43: routes[0].headers.response.set.x-a: 'x-a' is there twice; keep one of the two");

    [Fact]
    public void UnknownDirection_SuggestsTheNearest() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            headers: { respons: {} }
            to: { mock: {} }
        """,
        "g.yaml:3:16: routes[0].headers.respons: unknown key 'respons'; did you mean 'response'?");
}
