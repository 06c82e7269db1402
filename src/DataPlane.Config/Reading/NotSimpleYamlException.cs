namespace DataPlane.Config.Reading;

/// <summary>
/// The text holds what <see cref="SimpleYamlReader"/> leaves to the complete reader, an error perhaps. At most one for
/// each file, and never seen outside of this project.
/// </summary>
internal sealed class NotSimpleYamlException : Exception;
