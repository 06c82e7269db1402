namespace DataPlane.Config;

/// <summary>An access key that requests to the gateway may be signed with.</summary>
public sealed record AccessKeyConfig(string Id, string Secret)
{
    /// <summary>Not the secret: a record would print it.</summary>
    public override string ToString() => Id;
}
