namespace DataPlane.Gateway.Compilation;

/// <summary>
/// Something that lives as long as a generation serves, besides what exchanges reach through its routes: begun when
/// the generation is published or offered, ended when it serves nobody new. Any thread.
/// </summary>
public interface ISnapshotService
{
    /// <summary>Harmless when repeated.</summary>
    void Start();

    /// <summary>Exchanges that began before may still use what the service gave them. Harmless when repeated.</summary>
    void Stop();
}
