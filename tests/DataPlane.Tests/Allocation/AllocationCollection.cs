namespace DataPlane.Tests.Allocation;

/// <summary>Tests that count what the whole process allocates: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AllocationCollection : ICollectionFixture<AllocationRig>
{
    public const string Name = "Allocation";
}
