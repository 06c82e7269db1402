using System.Globalization;

namespace DataPlane.Config.Binding;

/// <summary>
/// Reads what <c>lambda</c> says: <c>arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]</c>, or the URL of
/// an Invoke API's function.
/// </summary>
internal sealed record RemoteFunctionAddress(
    string Function, string? Qualifier, string? Region, EndpointConfig Endpoint)
{
    private const string Folder = "/2015-03-31/functions/";
    private const string Action = "/invocations";
    private const int ArnParts = 7;
    private const int MostCharacters = 170;

    /// <summary>Stands for one that could not be read.</summary>
    public static RemoteFunctionAddress None { get; } =
        new("", null, null, new EndpointConfig { Url = "http://localhost", Host = "localhost", Port = 80 });

    public static RemoteFunctionAddress? Parse(string written, out Problem problem)
    {
        bool isUrl = written.StartsWith("http", StringComparison.Ordinal);
        return isUrl ? ParseUrl(written, out problem) : ParseArn(written, out problem);
    }

    /// <summary>No operator's upstream has a colon in its name.</summary>
    public static string UpstreamOf(EndpointConfig endpoint) => string.Create(
        CultureInfo.InvariantCulture,
        $"lambda:{(endpoint.UnixPath is { } path ? path : $"{endpoint.Host}:{endpoint.Port}")}");

    /// <summary>
    /// What is refused for now was not done: it is asked for again, whatever method the client used.
    /// </summary>
    public static UpstreamConfig ServiceOf(string name, EndpointConfig endpoint) => new()
    {
        Name = name,
        Endpoints = [endpoint],
        Retries = new RetryConfig
        {
            Attempts = 2,
            OnStatuses = [429],
            Methods = [.. RetryConfig.SafeMethods, "POST", "PATCH"],
            Backoff = TimeSpan.FromMilliseconds(100),
        },
        // An invocation may be silent for as long as a function may run; each has its own time.
        Timeouts = new UpstreamTimeouts { Response = TimeSpan.FromMinutes(16), Idle = TimeSpan.FromMinutes(16) },
        Tls = endpoint.IsTls ? new Tls.UpstreamTlsConfig() : null,
    };

    private static RemoteFunctionAddress? ParseArn(string arn, out Problem problem)
    {
        problem = new Problem(
            "names no function",
            "write arn:aws:lambda:REGION:ACCOUNT:function:NAME, or the URL of an Invoke API");
        string[] parts = arn.Split(':');
        bool isArn = parts.Length is ArnParts or ArnParts + 1 && parts[0] == "arn" && parts[2] == "lambda"
            && parts[5] == "function" && parts.All(part => part.Length > 0) && arn.Length <= MostCharacters
            && IsLabel(parts[1]) && IsLabel(parts[3]) && parts[4].All(char.IsAsciiDigit)
            && IsName(parts[6]) && (parts.Length == ArnParts || IsName(parts[7]));
        if (!isArn) return null;
        string host = $"lambda.{parts[3]}.{(parts[1] == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com")}";
        var endpoint = EndpointUrl.Parse($"https://{host}", out _);
        return endpoint is null
            ? null
            : new RemoteFunctionAddress(
                string.Join(':', parts[..ArnParts]), parts.Length > ArnParts ? parts[7] : null, parts[3], endpoint);
    }

    private static RemoteFunctionAddress? ParseUrl(string url, out Problem problem)
    {
        int path = url.IndexOf(Folder, StringComparison.Ordinal);
        // What was written is not repeated: it may have come from a variable.
        problem = new Problem("is no function of an Invoke API", $"write http://HOST:PORT{Folder}NAME{Action}");
        if (path < 0 || EndpointUrl.Parse(url[..path], out _) is not { } endpoint) return null;
        string rest = url[(path + Folder.Length)..];
        string? qualifier = null;
        int mark = rest.IndexOf('?', StringComparison.Ordinal);
        if (mark >= 0)
        {
            const string Parameter = "?Qualifier=";
            if (rest[mark..].StartsWith(Parameter, StringComparison.Ordinal))
                qualifier = Uri.UnescapeDataString(rest[(mark + Parameter.Length)..]);
            rest = rest[..mark];
        }
        if (rest.EndsWith(Action, StringComparison.Ordinal)) rest = rest[..^Action.Length];
        string function = Uri.UnescapeDataString(rest);
        bool isFunction = function.Length is > 0 and <= MostCharacters && function.All(c => IsName(c) || c == ':')
            && (qualifier is null || IsName(qualifier));
        string[] parts = function.Split(':');
        return isFunction
            ? new RemoteFunctionAddress(function, qualifier, parts.Length > 3 ? parts[3] : null, endpoint)
            : null;
    }

    private static bool IsLabel(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static bool IsName(string text) => text.Length > 0 && text.All(IsName);

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '$';
}
