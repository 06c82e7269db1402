using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>
/// Where changes of health are told. Made before there is a logger: upstreams are compiled before the host is built.
/// Any thread.
/// </summary>
public sealed class HealthJournal
{
    /// <summary>None until the host sets one.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;
}
