namespace DataPlane.Config.Policies;

/// <summary>What a cache does with a response that sets cookies.</summary>
public enum SetCookieMode
{
    /// <summary>It is not stored.</summary>
    Refuse,

    /// <summary>It is stored without its cookies, which only the client gets that it was fetched for.</summary>
    Strip,

    /// <summary>It is stored as it is: everybody gets the same cookies.</summary>
    Store,
}
