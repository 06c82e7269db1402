namespace DataPlane.Gateway.Pipeline;

/// <summary>What a request policy decided.</summary>
public enum Verdict : byte
{
    Continue,

    /// <summary>
    /// The policy has put a local reply or an outcome that has one on the exchange; the integration is not called.
    /// </summary>
    Reply,

    /// <summary>The policy must wait: <see cref="IRequestPolicy.ResumeAsync"/> is awaited next.</summary>
    Suspend,
}
