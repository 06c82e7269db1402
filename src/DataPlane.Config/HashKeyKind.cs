namespace DataPlane.Config;

/// <summary>Where a hash key is taken from.</summary>
public enum HashKeyKind
{
    ClientAddress,
    Path,
    Header,
    Query,
    Cookie,
}
