namespace DataPlane.Gateway.Pipeline;

/// <summary>Sees every exchange last. Called on the exchange's loop; must not throw, block or allocate.</summary>
public interface IExchangeRecorder
{
    void Record(in ExchangeRecord record);
}
