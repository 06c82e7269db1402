using DataPlane.Gateway.Pipeline;

namespace DataPlane.Gateway.Pipeline.Templates;

/// <summary>What a template may ask of a request. Borrowed for one call.</summary>
public readonly ref struct TemplateInput
{
    /// <summary>Its captures are ranges of <see cref="Path"/>.</summary>
    public required RouteMatch Match { get; init; }

    /// <summary>The canonical path.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }

    public ReadOnlySpan<byte> RequestId { get; init; }

    public ReadOnlySpan<byte> ClientAddress { get; init; }

    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>As sent, without its question mark.</summary>
    public ReadOnlySpan<byte> Query { get; init; }
}
