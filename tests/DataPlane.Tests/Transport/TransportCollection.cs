namespace DataPlane.Tests.Transport;

/// <summary>Tests that count descriptors of the process or load the machine: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TransportCollection
{
    public const string Name = "Transport";
}
