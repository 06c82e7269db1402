using DataPlane.Tests.Functional.Operators;

namespace DataPlane.Tests.Lambda;

/// <summary>Node with AWS's own client of Lambda.</summary>
public sealed class NodeClient() : NodePackages("tests/DataPlane.Tests/Lambda/Node")
{
    internal Task<(int ExitCode, string Said)> RunAsync(params string[] arguments) =>
        RealTool.RunAsync("node", "nodejs", [PathOf("client.mjs"), .. arguments]);
}
