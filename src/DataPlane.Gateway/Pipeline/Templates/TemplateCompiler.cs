using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using DataPlane.Config;

namespace DataPlane.Gateway.Pipeline.Templates;

/// <summary>Joins literals and templates into one <see cref="CompiledTemplate"/>: neighbouring literals become one
/// copy. Cold path.</summary>
internal sealed class TemplateCompiler
{
    private readonly ImmutableArray<string> _captureNames;
    private readonly TemplateTarget _target;
    private readonly List<CompiledPart> _parts = new(3);

    /// <summary>UTF-8, not yet a part.</summary>
    private readonly List<byte> _literal = new(48);
    private bool _isInQuery;

    public TemplateCompiler(ImmutableArray<string> captureNames, TemplateTarget target)
    {
        _captureNames = captureNames;
        _target = target;
    }

    /// <summary>Text of ours, line ends included.</summary>
    public void Append(string literal)
    {
        var start = _literal.Count;
        CollectionsMarshal.SetCount(_literal, start + Encoding.UTF8.GetByteCount(literal));
        Encoding.UTF8.GetBytes(literal, CollectionsMarshal.AsSpan(_literal)[start..]);
    }

    public void Append(ValueTemplate template)
    {
        foreach (var part in template.Parts)
        {
            if (part.Kind == TemplatePartKind.Literal)
            {
                AppendOperatorText(part.Text);
                continue;
            }
            var encoding = EncodingOf(part.Kind);
            CloseLiteral();
            _parts.Add(new CompiledPart(part.Kind, [], CaptureIndex(part), encoding));
        }
    }

    public CompiledTemplate ToTemplate()
    {
        CloseLiteral();
        return new CompiledTemplate([.. _parts]);
    }

    private void AppendOperatorText(string text)
    {
        if (_target == TemplateTarget.Uri)
        {
            _isInQuery |= text.Contains('?', StringComparison.Ordinal);
            AppendUri(text);
            return;
        }
        foreach (var c in text)
        {
            if (char.IsControl(c) && c != '\t')
                throw new ArgumentException("a header value has no control characters", nameof(text));
        }
        Append(text);
    }

    private void AppendUri(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            Append(text);
            return;
        }
        foreach (var rune in text.EnumerateRunes())
            Append(IsUriCharacter(rune) ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
    }

    private static bool IsUriCharacter(Rune rune) => rune.Value is > ' ' and < 0x7f;

    /// <summary>Decided by what stands before the value: the operator's literals show where in the URI it is.</summary>
    private ValueEncoding EncodingOf(TemplatePartKind kind)
    {
        if (_target == TemplateTarget.HeaderValue) return ValueEncoding.HeaderValue;
        if (kind == TemplatePartKind.RequestQuery) return ValueEncoding.Query;
        if (_isInQuery) return ValueEncoding.QueryValue;
        if (kind is TemplatePartKind.Capture or TemplatePartKind.RequestPath) return ValueEncoding.Path;
        return IsAfterScheme() ? ValueEncoding.Authority : ValueEncoding.Segment;
    }

    private bool IsAfterScheme() => _literal.Count >= 2 && _literal[^1] == '/' && _literal[^2] == '/';

    private int CaptureIndex(TemplatePart part)
    {
        if (part.Kind != TemplatePartKind.Capture) return -1;
        var index = _captureNames.IndexOf(part.Text);
        if (index >= 0) return index;
        throw new ArgumentException($"the route has no parameter '{part.Text}'", nameof(part));
    }

    private void CloseLiteral()
    {
        if (_literal.Count == 0) return;
        _parts.Add(new CompiledPart(TemplatePartKind.Literal, [.. _literal], -1, ValueEncoding.HeaderValue));
        _literal.Clear();
    }
}
