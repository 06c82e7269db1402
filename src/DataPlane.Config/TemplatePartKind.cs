namespace DataPlane.Config;

/// <summary>Where a part of a template takes its text from.</summary>
public enum TemplatePartKind
{
    /// <summary>The template itself.</summary>
    Literal,

    /// <summary>What the route's path captured under the part's name.</summary>
    Capture,

    /// <summary><c>{request.id}</c></summary>
    RequestId,

    /// <summary><c>{client.address}</c></summary>
    ClientAddress,

    /// <summary><c>{request.host}</c></summary>
    RequestHost,

    /// <summary><c>{request.path}</c>: the canonical path, percent-encoded.</summary>
    RequestPath,

    /// <summary><c>{request.query}</c>: as sent, without its question mark; empty when there is none.</summary>
    RequestQuery,
}
