using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// Reads one kind's part under <c>to</c>: <c>node</c> is the whole mapping, <c>path</c> its place. Null, with errors
/// added to the list every other error is in, when it is wrong; else an immutable object for that kind's factory.
/// </summary>
public delegate object? TargetReader(
    ConfigNode node, NodePath path, GatewayConfigReferences references, ConfigErrors errors);
