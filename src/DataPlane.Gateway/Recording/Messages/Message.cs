using Microsoft.Extensions.Logging;

namespace DataPlane.Gateway.Recording.Messages;

/// <summary>One message of the gateway itself.</summary>
internal readonly struct Message
{
    public required string Category { get; init; }

    public required LogLevel Level { get; init; }

    public required EventId Event { get; init; }

    public required string Text { get; init; }

    /// <summary>The values in the text, by their names; null when there are none.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>>? Values { get; init; }

    public Exception? Error { get; init; }
}
