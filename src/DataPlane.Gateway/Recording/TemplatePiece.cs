using DataPlane.Config;

namespace DataPlane.Gateway.Recording;

/// <summary>
/// A compiled part of a log template. <paramref name="Bytes"/> is a literal's text, the name of a field or of a
/// parameter, or null; <paramref name="Name"/> that of a capture.
/// </summary>
internal readonly record struct TemplatePiece(LogVariable Variable, byte[] Bytes, string Name);
