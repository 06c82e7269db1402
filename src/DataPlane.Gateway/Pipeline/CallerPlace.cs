namespace DataPlane.Gateway.Pipeline;

/// <summary>Where an exchange is counted as its caller's, to be left at its end.</summary>
public readonly record struct CallerPlace(IConcurrencyBound Bound, int Place)
{
    public void Leave() => Bound.Leave(Place);
}
