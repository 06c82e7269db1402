namespace DataPlane.Config;

/// <summary>A function in AWS, or behind anything else that speaks Lambda's Invoke API.</summary>
public sealed record RemoteFunctionConfig
{
    public required string Name { get; init; }

    /// <summary>What the Invoke API knows the function by: an ARN without its qualifier, or a name.</summary>
    public required string Function { get; init; }

    /// <summary>A version or an alias; null for what the service takes then.</summary>
    public string? Qualifier { get; init; }

    /// <summary>Where signatures are good, such as <c>eu-west-1</c>.</summary>
    public required string Region { get; init; }

    /// <summary>The upstream asked; one of the configuration's, or one made for the function's service.</summary>
    public required string Upstream { get; init; }

    /// <summary>The service's own endpoint; null when the upstream is one of the configuration's.</summary>
    public EndpointConfig? Endpoint { get; init; }

    public CredentialsConfig Credentials { get; init; } = new();

    /// <summary>Answers are passed on piece by piece.</summary>
    public bool IsStreaming { get; init; }

    /// <summary>From the request's end to the answer's head.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The end of each invocation's log is asked for and goes to the gateway's log.</summary>
    public bool LogsToGateway { get; init; }

    /// <summary>JSON told to the function as its client context; null for none.</summary>
    public string? ClientContext { get; init; }

    public SourceMark Mark { get; init; } = new("", 1, 1);
}
