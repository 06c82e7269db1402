namespace DataPlane.Config;

/// <summary>Who runs a function's code.</summary>
public enum FunctionRuntime : byte
{
    /// <summary><c>command:</c>, or the executable <c>bootstrap</c> of <c>provided.*</c>.</summary>
    Command,
    Node,
    Python,
    Dotnet,
}
