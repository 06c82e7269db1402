using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DataPlane.Tests.Architecture;

/// <summary>Projects know each other in one direction, the gateway's stages do not know each other at all.</summary>
public sealed class LayeringTests
{
    private static readonly Regex s_fullName = SourcePattern.Of(@"\bDataPlane\.Gateway\.(?<room>\w+)");
    private static readonly Regex s_relativeName = SourcePattern.Of(@"(?<![\w.])(?<room>\w+)\.(?<type>\w+)");

    private static readonly string[] s_referenceKinds = ["ProjectReference", "PackageReference", "FrameworkReference"];

    private static readonly string[] s_stages =
        ["Connections", "Routing", "Policies", "Caching", "Integrations", "Recording"];

    private static readonly string[] s_shared = ["Pipeline", "Upstreams", "Transport", "Loops"];

    // What each project may reference: ours, then packages. Analyzers, which every project has, are not listed.
    private static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["src/DataPlane.Http"] = [],
        ["src/DataPlane.Bootstrap"] = [],
        ["src/DataPlane.Config"] = ["YamlDotNet"],
        ["src/DataPlane.Gateway"] =
        [
            "DataPlane.Http", "DataPlane.Config", "Microsoft.AspNetCore.App",
            "OpenTelemetry.Exporter.OpenTelemetryProtocol", "K4os.Compression.LZ4",
        ],
        ["src/DataPlane.Admin"] =
            ["DataPlane.Http", "DataPlane.Config", "DataPlane.Gateway", "Microsoft.AspNetCore.App"],
        ["src/DataPlane.Lambda"] =
        [
            "DataPlane.Http", "DataPlane.Config", "DataPlane.Gateway", "DataPlane.Bootstrap",
            "Microsoft.AspNetCore.App", "AWSSDK.Core", "AWSSDK.SecurityToken", "Microsoft.Data.Sqlite.Core",
            "SQLitePCLRaw.bundle_e_sqlite3",
        ],
        ["src/DataPlane"] =
        [
            "DataPlane.Http", "DataPlane.Config", "DataPlane.Gateway", "DataPlane.Lambda", "DataPlane.Admin",
            "Microsoft.AspNetCore.App", "System.CommandLine",
        ],
        ["tools/DataPlane.Tools"] = [],
    };

    public static TheoryData<string> Projects => [.. s_allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatItsLayerMay(string project)
    {
        var file = $"{project}/{Path.GetFileName(project)}.csproj";
        var references = XDocument.Parse(Repository.Read(file)).Descendants()
            .Where(element => s_referenceKinds.Contains(element.Name.LocalName, StringComparer.Ordinal))
            .Select(element => element.Attribute("Include")!.Value.Replace('\\', '/'))
            .Select(include => include.EndsWith(".csproj") ? Path.GetFileNameWithoutExtension(include) : include);

        Findings.AssertNone(references.Except(s_allowed[project], StringComparer.Ordinal));
    }

    [Fact]
    public void EveryProjectInSrcAndTools_HasItsLayerWrittenDown()
    {
        var projects = Repository.Files("src", ".csproj").Concat(Repository.Files("tools", ".csproj"))
            .Select(file => Path.GetDirectoryName(file)!.Replace('\\', '/'));

        Assert.Equal(s_allowed.Keys.Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("DataPlane.Http")]
    [InlineData("dataplane-tools")]
    public void AssemblyOfTheBclLayer_ReferencesTheBclOnly(string assembly)
    {
        var foreign = ReferencesOf(assembly).Where(name => !name.StartsWith("System.") && name != "netstandard");

        Findings.AssertNone(foreign);
    }

    [Fact]
    public void ConfigAssembly_ReferencesTheBclAndYamlOnly()
    {
        var foreign = ReferencesOf("DataPlane.Config")
            .Where(name => !name.StartsWith("System.") && name is not ("netstandard" or "YamlDotNet"));

        Findings.AssertNone(foreign);
    }

    [Fact]
    public void GatewayStage_KnowsNoOtherStage()
    {
        var offences = Repository.Files("src/DataPlane.Gateway", ".cs")
            .SelectMany(file => StageOffences(file, Repository.Read(file), TypesByFolder()));

        Findings.AssertNone(offences);
    }

    [Theory]
    [InlineData("using DataPlane.Gateway.Routing;")]
    [InlineData("using static DataPlane.Gateway.Routing.RouteTrie;")]
    [InlineData("class A { global::DataPlane.Gateway.Compilation.X _x; }")]
    [InlineData("class A { Routing.RouteTrie _trie; }")]
    public void StageThatNamesAnotherRoom_IsReported(string code) =>
        Assert.Single(StageOffences("src/DataPlane.Gateway/Connections/A.cs", code, s_exampleTypes));

    [Theory]
    [InlineData("using DataPlane.Gateway.Pipeline; using DataPlane.Gateway.Loops; using DataPlane.Gateway;")]
    [InlineData("using DataPlane.Gateway.Connections.Http1;")]
    [InlineData("// using DataPlane.Gateway.Routing;")]
    [InlineData("class A { int B => Routing.Count + limits.Routing.RouteTrie; }")]
    public void StageThatStaysAtHome_IsNotReported(string code) =>
        Assert.Empty(StageOffences("src/DataPlane.Gateway/Connections/A.cs", code, s_exampleTypes));

    private static readonly Dictionary<string, string[]> s_exampleTypes = new(StringComparer.Ordinal)
    {
        ["Routing"] = ["RouteTrie"],
    };

    /// <summary>
    /// Namespaces named by <c>using</c> or in full, and types reached through the enclosing namespace
    /// (<c>Routing.RouteTrie</c> inside <c>DataPlane.Gateway.Connections</c>).
    /// </summary>
    private static IEnumerable<string> StageOffences(
        string file, string text, Dictionary<string, string[]> typesByFolder)
    {
        var own = file.Split('/')[2];
        if (!s_stages.Contains(own, StringComparer.Ordinal))
            return [];
        var code = new SourceText(text).Code;
        var inFull = s_fullName.Matches(code).Select(match => match.Groups["room"].Value);
        var relative = s_relativeName.Matches(code)
            .Where(match => typesByFolder.TryGetValue(match.Groups["room"].Value, out var types)
                && types.Contains(match.Groups["type"].Value, StringComparer.Ordinal))
            .Select(match => match.Groups["room"].Value);
        return inFull.Concat(relative)
            .Where(room => room != own && !s_shared.Contains(room, StringComparer.Ordinal))
            .Where(room => s_stages.Contains(room, StringComparer.Ordinal) || room == "Compilation")
            .Distinct(StringComparer.Ordinal)
            .Select(room => $"{file} names {room}");
    }

    /// <summary>The gateway's folders and the types in them, by the names of their files.</summary>
    private static Dictionary<string, string[]> TypesByFolder() =>
        Repository.Files("src/DataPlane.Gateway", ".cs")
            .Where(file => file.Split('/').Length > 3)
            .GroupBy(file => file.Split('/')[2], Path.GetFileNameWithoutExtension, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select(name => name!).ToArray(), StringComparer.Ordinal);

    private static List<string> ReferencesOf(string assembly)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        var names = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToList();
        Assert.NotEmpty(names);
        return names;
    }
}
