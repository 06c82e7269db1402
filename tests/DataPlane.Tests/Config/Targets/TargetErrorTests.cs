namespace DataPlane.Tests.Config.Targets;

/// <summary>Mistakes in a route's <c>to</c>.</summary>
public sealed class TargetErrorTests
{
    [Fact]
    public void NoTarget_ListsTheKnown() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: {}
        """,
        "g.yaml:3:9: routes[0].to: names no target; known targets are: function, mock, redirect, split, upstream");

    [Fact]
    public void TextInsteadOfTarget_ShowsTheForm() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: x
        """,
        "g.yaml:3:9: routes[0].to: is a single value; write the kind and its settings: { upstream: NAME }");

    [Fact]
    public void UnknownTarget_SuggestsTheNearest() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { upstrem: u }
        """,
        "g.yaml:3:11: routes[0].to.upstrem: unknown target 'upstrem'; did you mean 'upstream'?");

    [Fact]
    public void TwoTargets_AreRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { mock: {}, redirect: {} }
        """,
        "g.yaml:3:21: routes[0].to: names both 'mock' and 'redirect'; keep one of them");

    [Fact]
    public void FunctionInAws_IsAFunctionOfItsName() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { lambda: f }
        """,
        "g.yaml:3:11: routes[0].to.lambda: is not a target; write { function: NAME }, and lambda: ARN under "
            + "functions.NAME");

    [Fact]
    public void UnknownFunction_SuggestsTheNearest() => ConfigText.Fails(
        """
        functions: { get-user: { runtime: nodejs20.x, code: /f, handler: index.handler } }
        routes:
          - match: { path: / }
            to: { function: get-users, event: "3.0" }
        """,
        "g.yaml:4:21: routes[0].to.function: there is no function 'get-users'; did you mean 'get-user'?",
        "g.yaml:4:39: routes[0].to.event: '3.0' is not known here; write one of: 2.0, 1.0, rest, url, alb, raw");

    [Fact]
    public void UnknownUpstream_SuggestsTheNearest() => ConfigText.Fails(
        """
        upstreams: { users: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: / }
            to: { upstream: user }
        """,
        "g.yaml:4:21: routes[0].to.upstream: there is no upstream 'user'; did you mean 'users'?");

    [Fact]
    public void NoUpstreamAtAll_SaysSo() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { upstream: user }
        """,
        "g.yaml:3:21: routes[0].to.upstream: there is no upstream 'user'; there are no upstreams");

    [Fact]
    public void UnknownKeyBesideTheTarget_IsRefused() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: / }
            to: { upstream: u, rewrit: / }
        """,
        "g.yaml:4:24: routes[0].to.rewrit: unknown key 'rewrit'; did you mean 'rewrite'?");

    [Fact]
    public void RewriteWithoutSlash_IsRefused() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: "/{id}" }
            to: { upstream: u, rewrite: "x/{id}" }
        """,
        "g.yaml:4:33: routes[0].to.rewrite: a path starts with '/'; add the '/'");

    [Fact]
    public void RewriteWithDotSegment_IsRefused() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: / }
            to: { upstream: u, rewrite: /a/../b }
        """,
        "g.yaml:4:33: routes[0].to.rewrite: has a dot segment; write the path it leads to");

    [Fact]
    public void RewriteWithEmptySegment_IsRefused() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: / }
            to: { upstream: u, rewrite: /a//b }
        """,
        "g.yaml:4:33: routes[0].to.rewrite: has an empty segment ('//'); write one '/'");

    [Fact]
    public void RewriteWithFragment_IsRefused() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: / }
            to: { upstream: u, rewrite: "/a#b" }
        """,
        "g.yaml:4:33: routes[0].to.rewrite: the character '#' is not allowed in a path; remove it");

    [Fact]
    public void RewriteWithUnknownCapture_ListsTheKnown() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: "/{id}" }
            to: { upstream: u, rewrite: "/{name}" }
        """,
        "g.yaml:4:33: routes[0].to.rewrite: unknown name 'name' in braces; known names are: id, "
            + "request.id, client.address, request.host, request.path, request.query; write '{{' for a brace");

    [Fact]
    public void RewriteUnderAWrongPath_IsNotBlamedForIt() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: "x/{id}" }
            to: { upstream: u, rewrite: "/{id}" }
        """,
        "g.yaml:3:20: routes[0].match.path: a path starts with '/'; add the '/'");

    [Fact]
    public void RedirectStatusOutsideItsChoices_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { redirect: { status: 309, location: /x } }
        """,
        "g.yaml:3:31: routes[0].to.redirect.status: '309' is not known here; write one of: 301, 302, "
            + "303, 307, 308");

    [Fact]
    public void RedirectWithoutLocation_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { redirect: {} }
        """,
        "g.yaml:3:21: routes[0].to.redirect.location: is required; add 'location: ...'");

    [Fact]
    public void RedirectToNowhere_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { redirect: { location: "" } }
        """,
        "g.yaml:3:33: routes[0].to.redirect.location: is empty; write a URL or a path");

    [Fact]
    public void RedirectWithSpace_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { redirect: { location: "a b" } }
        """,
        "g.yaml:3:33: routes[0].to.redirect.location: a URL has no spaces; write %20");

    [Fact]
    public void MockStatusOutOfRange_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { mock: { status: 100 } }
        """,
        "g.yaml:3:27: routes[0].to.mock.status: '100' is out of range; write a value from 200 to 599");

    [Fact]
    public void MockBodyWithStatus204_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { mock: { status: 204, body: x } }
        """,
        "g.yaml:3:38: routes[0].to.mock.body: a response with status 204 has no body; remove the body");

    [Fact]
    public void MockFramingField_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { mock: { headers: { Content-Length: 5 } } }
        """,
        "g.yaml:3:30: routes[0].to.mock.headers.Content-Length: 'Content-Length' is set by the gateway "
            + "itself; remove it");

    [Fact]
    public void MockHeaderWithLineEnd_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { mock: { headers: { X: "a\nb" } } }
        """,
        "g.yaml:3:33: routes[0].to.mock.headers.X: contains the character U+000A, which a header value "
            + "cannot hold; remove it");

    [Fact]
    public void SplitWithoutShares_IsRefused() => ConfigText.Fails(
        """
        routes:
          - match: { path: / }
            to: { split: [] }
        """,
        "g.yaml:3:18: routes[0].to.split: the list is empty; add an upstream and its weight");

    [Fact]
    public void SplitWeightsThatSumToZero_AreRefused() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: / }
            to: { split: [ { weight: 0, upstream: u } ] }
        """,
        "g.yaml:4:18: routes[0].to.split: the weights sum to 0; give at least one upstream a weight above 0");

    [Fact]
    public void SplitShareWithMistakes_NamesThem() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a" ] } }
        routes:
          - match: { path: / }
            to: { split: [ { upstream: v }, { weight: 1 } ] }
        """,
        "g.yaml:4:20: routes[0].to.split[0].weight: is required; add 'weight: ...'",
        "g.yaml:4:32: routes[0].to.split[0].upstream: there is no upstream 'v'; known upstreams are: u",
        "g.yaml:4:37: routes[0].to.split[1].upstream: is required; add 'upstream: ...'");
}
