namespace DataPlane.Tools.Names;

/// <summary>How a <see cref="FakeDnsServer"/> treats its clients.</summary>
public enum FakeDnsMode
{
    Answers,

    /// <summary>Says nothing at all.</summary>
    Silent,

    /// <summary>SERVFAIL to everything.</summary>
    Fails,

    /// <summary>Over UDP an empty answer that says there is more; the answer over TCP.</summary>
    Truncates,

    /// <summary>A forged answer with another id first, then the right one.</summary>
    Forges,
}
