namespace DataPlane.Gateway.Upstreams.Health;

/// <summary>Asks one endpoint one question at a time. Loop thread; cold.</summary>
internal interface IHealthProbe
{
    /// <summary>Not again before it has ended. Never throws for what an endpoint does.</summary>
    Task<ProbeOutcome> RunAsync();

    /// <summary>Gives up what is kept between two questions.</summary>
    void Close();
}
