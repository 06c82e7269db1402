using DataPlane.Config.Reading;

namespace DataPlane.Config;

/// <summary>
/// Checks one policy's part of the file and adds its errors to the list every other error is in. <c>node</c> is the
/// value of the kind's key; <c>path</c> is its place.
/// </summary>
public delegate void NodeValidator(
    ConfigNode node, string path, GatewayConfigReferences references, ConfigErrors errors);
