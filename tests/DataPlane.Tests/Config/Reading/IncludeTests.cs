using System.Text;
using DataPlane.Config;

namespace DataPlane.Tests.Config.Reading;

/// <summary>Several files as one configuration.</summary>
public sealed class IncludeTests
{
    private const string Main = "/etc/gw/gateway.yaml";

    [Fact]
    public void Pattern_AddsSectionsInTheOrderOfNames()
    {
        var result = Load(
            (Main, "include: conf.d/*.yaml\nroutes: [ { id: own, match: { path: /own }, to: { mock: {} } } ]"),
            ("/etc/gw/conf.d/20.yaml", "routes: [ { id: b, match: { path: /b }, to: { upstream: u } } ]"),
            ("/etc/gw/conf.d/10.yaml", "upstreams: { u: { endpoints: [ \"http://127.0.0.1:1\" ] } }\n"
                + "routes: [ { id: a, match: { path: /a }, to: { mock: {} } } ]"),
            ("/etc/gw/conf.d/notes.txt", "not: read"));
        Assert.Empty(result.Errors);
        Assert.Equal(["own", "a", "b"], result.Config!.Routes.Select(route => route.Id));
        Assert.Equal(
            [Main, "/etc/gw/conf.d/10.yaml", "/etc/gw/conf.d/20.yaml"], result.Sources.Select(each => each.Path));
        Assert.DoesNotContain("include", EffectiveConfig.Write(result.Root));
    }

    [Fact]
    public void NestedInclude_StartsAtItsOwnFolder_AsSecretsDo()
    {
        var result = Load(
            (Main, "include: [ teams/a.yaml ]"),
            ("/etc/gw/teams/a.yaml", "include: deep/b.yaml"),
            ("/etc/gw/teams/deep/b.yaml", "admin: { token: \"${file:token}\" }"),
            ("/etc/gw/teams/deep/token", "t0ken\n"));
        Assert.Empty(result.Errors);
        Assert.Equal("t0ken", result.Config!.Admin.Token);
    }

    [Fact]
    public void Error_IsToldWhereItWasWritten() => Fails(
        [
            (Main, "include: [ a.yaml ]\nlimits: { connections: 1 }"),
            ("/etc/gw/a.yaml", "# one\nlimits:\n  idleTimeout: 1s\n  connections: 5\nroutse: []"),
        ],
        "/etc/gw/a.yaml:4:3: limits.connections: is already in /etc/gw/gateway.yaml, line 2; keep one of the two",
        "/etc/gw/a.yaml:5:1: routse: unknown key 'routse'; did you mean 'routes'?");

    [Fact]
    public void SameIdInTwoFiles_NamesBoth()
    {
        const string route = "routes: [ { id: a, match: { path: /PATH }, to: { mock: {} } } ]";
        Fails(
            [
                (Main, "include: [ one.yaml, two.yaml ]"),
                ("/etc/gw/one.yaml", route.Replace("PATH", "one")),
                ("/etc/gw/two.yaml", route.Replace("PATH", "two")),
            ],
            "/etc/gw/two.yaml:1:17: routes[1].id: the id 'a' is already in /etc/gw/one.yaml, line 1; write another id");
    }

    [Fact]
    public void Cycle_IsAnError() => Fails(
        [(Main, "include: a.yaml"), ("/etc/gw/a.yaml", "include: gateway.yaml")],
        "/etc/gw/a.yaml:1:10: include: '/etc/gw/gateway.yaml' is included twice, or includes itself; "
            + "it is already read: /etc/gw/gateway.yaml:1:1; remove one");

    [Fact]
    public void PatternThatFitsItsOwnFile_MeansTheOthers() =>
        Assert.Empty(Load((Main, "include: \"*.yaml\""), ("/etc/gw/b.yaml", "routes: []")).Errors);

    [Fact]
    public void MissingFile_IsAnError_MissingFitIsNot() => Fails(
        [(Main, "include: [ none.d/*.yaml, gone.yaml ]")],
        "/etc/gw/gateway.yaml:1:27: include: the file '/etc/gw/gone.yaml' cannot be read; check that it exists");

    [Fact]
    public void WildcardInAFolder_IsAnError() => Fails(
        [(Main, "include: \"*/a.yaml\"")],
        "/etc/gw/gateway.yaml:1:10: include: '*/a.yaml' has a wildcard before its last part, or no last part; "
            + "write it like conf.d/*.yaml, one item for each folder");

    [Fact]
    public void TooDeep_IsAnError()
    {
        var files = Enumerable.Range(0, 12)
            .Select(each => ($"/etc/gw/{each}.yaml", $"include: {each + 1}.yaml"))
            .Prepend((Main, "include: 0.yaml"));
        Assert.StartsWith("more than 1000 files, or 8 inside", Assert.Single(Load([.. files]).Errors).Message);
    }

    [Fact]
    public void BrokenInclude_IsToldAlone()
    {
        var errors = Load((Main, "include: a.yaml\nroutse: []"), ("/etc/gw/a.yaml", "routes: [")).Errors;
        Assert.Equal("/etc/gw/a.yaml", Assert.Single(errors).File);
    }

    [Fact]
    public void ListInsteadOfSections_IsAnError() => Fails(
        [(Main, "include: a.yaml"), ("/etc/gw/a.yaml", "- routes")],
        "/etc/gw/a.yaml:1:1: the file is a list; write a mapping of sections, such as routes: [...]");

    private static void Fails((string Path, string Text)[] files, params string[] expected)
    {
        var result = Load(files);
        Assert.Null(result.Config);
        Assert.Equal(expected, result.Errors.Select(error => error.ToString()));
    }

    private static ConfigResult Load(params (string Path, string Text)[] files)
    {
        var texts = files.ToDictionary(each => each.Path, each => each.Text);
        var environment = new ConfigEnvironment(_ => null, (path, _) =>
            texts.TryGetValue(path, out string? text)
                ? Encoding.UTF8.GetBytes(text)
                : throw new FileNotFoundException())
        {
            ListFiles = (folder, pattern) =>
            [
                .. texts.Keys.Where(path => Path.GetDirectoryName(path) == folder
                    && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path))),
            ],
        };
        return ConfigLoader.Load(Main, overrides: null, environment);
    }
}
