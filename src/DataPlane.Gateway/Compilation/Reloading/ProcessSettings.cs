using DataPlane.Config;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>Several parts of the process that follow the configuration, all of them or none.</summary>
public sealed class ProcessSettings(params IReadOnlyList<IProcessSettings> parts) : IProcessSettings
{
    public IPreparedSettings? Prepare(GatewayConfig config, ConfigPlaces places, ConfigErrors errors)
    {
        var prepared = new Parts();
        foreach (var part in parts)
        {
            if (part.Prepare(config, places, errors) is { } ready) prepared.Add(ready);
        }
        if (!errors.Any) return prepared;
        prepared.Dispose();
        return null;
    }

    private sealed class Parts : IPreparedSettings
    {
        private readonly List<IPreparedSettings> _parts = [];

        public void Add(IPreparedSettings part) => _parts.Add(part);

        public void Apply() => _parts.ForEach(static each => each.Apply());

        public void Dispose() => _parts.ForEach(static each => each.Dispose());
    }
}
