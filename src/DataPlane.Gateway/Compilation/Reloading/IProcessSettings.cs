using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// What the process has once, whatever generation serves: its logs and what else is told of exchanges. It follows the
/// generation in force, so nothing of it changes while one is rolled out. One thread at a time.
/// </summary>
public interface IProcessSettings
{
    /// <summary>
    /// Opens what a configuration needs besides what is in use. Null, with errors added, when that cannot be had.
    /// </summary>
    IPreparedSettings? Prepare(GatewayConfig config, ConfigPlaces places, ConfigErrors errors);
}
