using System.Collections.Immutable;

namespace DataPlane.Config;

/// <summary>Conditions that must all hold. Lists are alternatives; an empty one asks nothing.</summary>
public sealed record RouteMatchConfig
{
    /// <summary>
    /// Lower case, without port: <c>api.example.com</c>, <c>*.example.com</c> (one or more labels in place of the
    /// star), <c>*</c> (any).
    /// </summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    public required PathTemplate Path { get; init; }

    /// <summary>Methods are case-sensitive (RFC 9110, 9.1).</summary>
    public ImmutableArray<string> Methods { get; init; } = [];

    /// <summary>Names in lower case.</summary>
    public ImmutableArray<FieldCondition> Headers { get; init; } = [];

    public ImmutableArray<FieldCondition> Query { get; init; } = [];

    /// <summary>-1000 to 1000; among routes of the same host the highest is tried first.</summary>
    public int Priority { get; init; }
}
