namespace DataPlane.Lambda.Hosting;

/// <summary>Where the functions pretend to be: region and account are in ARNs and events. Immutable.</summary>
public sealed record FunctionIdentity(string Region, string Account)
{
    public const string StandardAccount = "000000000000";

    /// <summary>AWS_REGION and AWS_ACCOUNT_ID of the gateway, where they are set.</summary>
    public static FunctionIdentity FromEnvironment() => new(
        Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? "us-east-1",
        Variable("AWS_ACCOUNT_ID") ?? StandardAccount);

    public string ArnOf(string function) => $"arn:aws:lambda:{Region}:{Account}:function:{function}";

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
