using Microsoft.Extensions.Hosting;

namespace DataPlane.Hosting;

/// <summary>
/// In place of the host's console lifetime, which takes SIGTERM and SIGINT as soon as the admin listener starts: a
/// signal that came before <see cref="ProcessSignals"/> would end nothing.
/// </summary>
internal sealed class OwnLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
