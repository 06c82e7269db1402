namespace DataPlane.Tests.Config.Reading;

/// <summary>Variables and files that are not there.</summary>
public sealed class SubstitutionErrorTests
{
    [Fact]
    public void UnsetVariable_SaysHowToGiveADefault() => ConfigText.Fails(
        """
        admin: { token: "${X}" }
        """,
        "g.yaml:1:17: admin.token: the environment variable X is not set; set it, or write ${X:-default}");

    [Fact]
    public void UnclosedReference_SaysHowToEscape() => ConfigText.Fails(
        """
        admin: { token: "${" }
        """,
        "g.yaml:1:17: admin.token: '${' has no closing '}'; close it, or write '$${' for a literal '${'");

    [Fact]
    public void NameThatIsNoVariable_IsAnError() => ConfigText.Fails(
        """
        limits: { connections: "${1x}" }
        """,
        "g.yaml:1:24: limits.connections: '${1x}' is not a variable; write ${NAME}, ${NAME:-default} or "
            + "${file:/path}, or '$${' for a literal '${'");

    [Fact]
    public void MissingFile_IsAnError() => ConfigText.Fails(
        """
        admin: { token: "${file:/run/secrets/none}" }
        """,
        "g.yaml:1:17: admin.token: the file '/run/secrets/none' cannot be read; check that it exists");

    [Fact]
    public void UnreadableFile_SaysWhy() => ConfigText.Fails(
        """
        admin: { token: "${file:/run/secrets/denied}" }
        """,
        "g.yaml:1:17: admin.token: the file '/run/secrets/denied' cannot be read; let this user read it");

    [Fact]
    public void BinaryFile_IsRefused() => ConfigText.Fails(
        """
        admin: { token: "${file:/run/secrets/binary}" }
        """,
        "g.yaml:1:17: admin.token: the file '/run/secrets/binary' is not UTF-8 text; name a text file");

    [Fact]
    public void LargeFile_IsRefused() => ConfigText.Fails(
        """
        admin: { token: "${file:/run/secrets/large}" }
        """,
        "g.yaml:1:17: admin.token: the file '/run/secrets/large' is larger than 1 MiB; name a smaller file");

    [Fact]
    public void UnsetVariableDeepInAList_NamesItsPath() => ConfigText.Fails(
        """
        upstreams: { u: { endpoints: [ "http://a", { url: "${X}" } ] } }
        """,
        "g.yaml:1:51: upstreams.u.endpoints[1].url: the environment variable X is not set; set it, or "
            + "write ${X:-default}");

    [Fact]
    public void WrongSecret_IsNeverPrinted() => ConfigText.Fails(
        """
        admin: { address: "${SECRET}", token: "${SECRET_WITH_SPACE}" }
        limits: { connections: "${SECRET}" }
        forwarding: { headers: "${SECRET}", via: "${SECRET}", trustedProxies: ["${SECRET}"] }
        upstreams: { u: { endpoints: [ "${SECRET}" ] } }
        routes: [ { match: { path: "${SECRET}" }, to: { upstream: "${SECRET}" } } ]
        """,
        "g.yaml:1:19: admin.address: the value from the environment or a file is not valid; check it "
            + "there; it is not shown",
        "g.yaml:1:39: admin.token: contains a space or a character beyond ASCII; use letters, digits and "
            + "punctuation",
        "g.yaml:2:24: limits.connections: '***' is not a whole number; write a number from 1 to 10000000",
        "g.yaml:3:24: forwarding.headers: '***' is not known here; write one of: xForwarded, forwarded, "
            + "both, none",
        "g.yaml:3:42: forwarding.via: '***' is not a boolean; write true or false",
        "g.yaml:3:72: forwarding.trustedProxies[0]: '***' is not a network; write a network such as "
            + "10.0.0.0/8",
        "g.yaml:4:32: upstreams.u.endpoints[0]: the value from the environment or a file is not valid; "
            + "check it there; it is not shown",
        "g.yaml:5:28: routes[0].match.path: the value from the environment or a file is not valid; check "
            + "it there; it is not shown",
        "g.yaml:5:59: routes[0].to.upstream: there is no upstream '***'; known upstreams are: u");
}
