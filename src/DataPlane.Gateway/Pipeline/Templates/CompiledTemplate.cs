using System.Collections.Immutable;
using DataPlane.Config;

namespace DataPlane.Gateway.Pipeline.Templates;

/// <summary>
/// A value template ready to be rendered as bytes. What comes from the request is encoded again for the place it goes
/// to, so that it can neither end a line nor add a segment, a query field or a dot segment. Immutable; any thread; 0
/// bytes.
/// </summary>
public sealed class CompiledTemplate
{
    /// <summary>The destination is too short: try again with a longer one.</summary>
    public const int DoesNotFit = -1;

    /// <summary>A value of the request must not stand where the template wants it; a longer destination does not change
    /// that. The parsers let no such value through: this is the second lock on the door.</summary>
    public const int Refused = -2;

    private readonly CompiledPart[] _parts;

    internal CompiledTemplate(CompiledPart[] parts) => _parts = parts;

    /// <summary><paramref name="captureNames"/> are those of the route, in the order of the match's captures. Throws
    /// <see cref="ArgumentException"/> for what validation should have refused: an unknown name, a control
    /// character.</summary>
    public static CompiledTemplate Compile(
        ValueTemplate template, ImmutableArray<string> captureNames, TemplateTarget target)
    {
        var compiler = new TemplateCompiler(captureNames, target);
        compiler.Append(template);
        return compiler.ToTemplate();
    }

    /// <summary>Bytes written, or <see cref="DoesNotFit"/> or <see cref="Refused"/>: then the destination holds nothing
    /// of use.</summary>
    public int Render(in TemplateInput input, Span<byte> destination)
    {
        var written = 0;
        foreach (ref readonly var part in _parts.AsSpan())
        {
            var rest = destination[written..];
            int length;
            if (part.Kind == TemplatePartKind.Literal)
            {
                length = part.Literal.AsSpan().TryCopyTo(rest) ? part.Literal.Length : DoesNotFit;
            }
            else
            {
                length = part.Encoding.Write(Value(part, input), rest);
            }
            if (length < 0) return length;
            written += length;
        }
        return written;
    }

    private static ReadOnlySpan<byte> Value(in CompiledPart part, in TemplateInput input) => part.Kind switch
    {
        TemplatePartKind.Capture => input.Match.Captures[part.Capture].Of(input.Path),
        TemplatePartKind.RequestId => input.RequestId,
        TemplatePartKind.ClientAddress => input.ClientAddress,
        TemplatePartKind.RequestHost => input.Host,
        TemplatePartKind.RequestPath => input.Path,
        _ => input.Query,
    };
}
