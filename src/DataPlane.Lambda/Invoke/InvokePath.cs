namespace DataPlane.Lambda.Invoke;

/// <summary>A path of Lambda's API that runs a function. Immutable.</summary>
internal sealed record InvokePath(string Function, bool IsStreaming)
{
    private const string Folder = "/2015-03-31/functions/";
    private const string Action = "/invocations";
    private const string StreamFolder = "/2021-11-15/functions/";
    private const string StreamAction = "/response-streaming-invocations";

    /// <summary>With name, ARN or partial ARN, decoded; null for another path.</summary>
    public static InvokePath? Read(string path)
    {
        if (Between(path, Folder, Action) is { } function) return new InvokePath(function, IsStreaming: false);
        return Between(path, StreamFolder, StreamAction) is { } streamed
            ? new InvokePath(streamed, IsStreaming: true)
            : null;
    }

    private static string? Between(string path, string start, string end) =>
        path.StartsWith(start, StringComparison.Ordinal) && path.EndsWith(end, StringComparison.Ordinal)
            && path.Length > start.Length + end.Length
            ? Uri.UnescapeDataString(path[start.Length..^end.Length])
            : null;
}
