namespace DataPlane.Config.Tls;

/// <summary>Whether clients are asked for a certificate.</summary>
public enum ClientCertificateMode
{
    None,

    /// <summary>Asked for; one that is shown must be good.</summary>
    Optional,

    /// <summary>Without a good one there is no connection.</summary>
    Required,
}
