using DataPlane.Tests.Architecture;
using YamlDotNet.RepresentationModel;

namespace DataPlane.Tests.Deployment;

/// <summary>The Kubernetes manifests as trees, found by kind and name.</summary>
internal static class Manifests
{
    private const string Folder = "deploy/kubernetes";

    public static IReadOnlyList<string> Files => Repository.Files(Folder, ".yaml");

    public static IReadOnlyList<YamlMappingNode> All { get; } = [.. Files.SelectMany(Read)];

    public static YamlMappingNode Of(string kind, string name = "dataplane") => All.Single(each =>
        each.Text("kind") == kind && each.Map("metadata").Text("name") == name);

    public static YamlMappingNode Map(this YamlNode node, string path) => (YamlMappingNode)Find(node, path);

    public static string Text(this YamlNode node, string path) => ((YamlScalarNode)Find(node, path)).Value!;

    public static int Number(this YamlNode node, string path) =>
        int.Parse(node.Text(path), System.Globalization.CultureInfo.InvariantCulture);

    public static IReadOnlyList<YamlNode> List(this YamlNode node, string path) =>
        [.. ((YamlSequenceNode)Find(node, path)).Children];

    private static YamlNode Find(YamlNode node, string path)
    {
        foreach (string step in path.Split('/')) node = ((YamlMappingNode)node).Children[new YamlScalarNode(step)];
        return node;
    }

    private static IEnumerable<YamlMappingNode> Read(string file)
    {
        var stream = new YamlStream();
        using var text = new StringReader(Repository.Read(file));
        stream.Load(text);
        Assert.NotEmpty(stream.Documents);
        return stream.Documents.Select(each => (YamlMappingNode)each.RootNode)
            .Where(each => each.Text("kind") != "Kustomization");
    }
}
