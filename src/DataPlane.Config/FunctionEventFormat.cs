namespace DataPlane.Config;

/// <summary>The JSON a function gets of a request, and how its answer is read.</summary>
public enum FunctionEventFormat : byte
{
    /// <summary>HTTP API, payload format 2.0.</summary>
    HttpApi2,

    /// <summary>HTTP API, payload format 1.0.</summary>
    HttpApi1,

    /// <summary>REST API, Lambda proxy integration.</summary>
    Rest,

    /// <summary>
    /// Function URL: payload format 2.0 without a route of its own; its path begins behind that of the gateway's route.
    /// </summary>
    Url,

    /// <summary>A load balancer's, whose target is the function.</summary>
    Alb,

    /// <summary>The same with lists of values, in the event and in the answer.</summary>
    AlbMultiValue,

    /// <summary>The body is the event, the answer is the body.</summary>
    Raw,
}
