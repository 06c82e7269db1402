namespace DataPlane.Gateway.Transport.Admission;

/// <summary>How many may connect, and how fast. Immutable; 0 switches off where it says so.</summary>
public sealed record AdmissionLimits
{
    /// <summary>Client connections of the process.</summary>
    public int Connections { get; init; } = int.MaxValue;

    /// <summary>Of one client address; 0 = no limit.</summary>
    public int PerAddress { get; init; }

    /// <summary>Accepted and not yet taken by their protocol, per listener: beyond it nobody is accepted.</summary>
    public int AcceptBacklog { get; init; } = int.MaxValue;

    /// <summary>Connections accepted per second by all listeners; 0 = no limit.</summary>
    public double AcceptsPerSecond { get; init; }
}
