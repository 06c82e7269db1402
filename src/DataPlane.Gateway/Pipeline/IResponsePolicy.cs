namespace DataPlane.Gateway.Pipeline;

/// <summary>
/// Changes the response draft before the sink writes its head: proxied and local replies alike. Loop thread; 0 bytes;
/// no
/// throw.
/// </summary>
public interface IResponsePolicy
{
    void OnResponse(Exchange exchange);
}
