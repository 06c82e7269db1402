namespace DataPlane.Gateway.Transport;

/// <summary>A listener whose connections need not go through Kestrel.</summary>
public interface IServedListener
{
    /// <summary>Who serves what is accepted from now on; null, as at first, for Kestrel. Any thread.</summary>
    IClientServer? Server { get; set; }
}
