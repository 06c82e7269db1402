namespace DataPlane.Gateway.Recording;

/// <summary>
/// Which routes and endpoints the configuration in force has, by their stable indexes. Asked while a page is written,
/// by one thread at a time.
/// </summary>
public interface ISeriesScope
{
    /// <summary>Looks at the configuration in force: the answers are about that one until the next call.</summary>
    void Refresh();

    bool HasRoute(int stateIndex);

    bool HasEndpoint(int stateIndex);
}
