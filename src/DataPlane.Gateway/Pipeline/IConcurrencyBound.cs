namespace DataPlane.Gateway.Pipeline;

/// <summary>Counts exchanges under way per caller. Any thread; 0 bytes.</summary>
public interface IConcurrencyBound
{
    /// <summary>One of the caller who has that place is no longer under way.</summary>
    void Leave(int place);
}
