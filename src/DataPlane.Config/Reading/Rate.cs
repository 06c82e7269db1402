namespace DataPlane.Config.Reading;

/// <summary>So many per period, as written: <c>1000/m</c> is a count of 1000 per minute.</summary>
public readonly record struct Rate(long Count, TimeSpan Period)
{
    public double PerSecond => Count / Period.TotalSeconds;
}
