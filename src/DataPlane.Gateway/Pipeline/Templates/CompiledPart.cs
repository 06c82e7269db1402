using DataPlane.Config;

namespace DataPlane.Gateway.Pipeline.Templates;

/// <summary>A piece of a compiled template: bytes that stand as they are, or a value and how it is written.</summary>
/// <param name="Kind">Where the bytes come from.</param>
/// <param name="Literal">Of a literal; else empty.</param>
/// <param name="Capture">Index into the match's captures; of a capture only.</param>
/// <param name="Encoding">Of a value; not used for literals.</param>
internal readonly record struct CompiledPart(
    TemplatePartKind Kind, byte[] Literal, int Capture, ValueEncoding Encoding);
