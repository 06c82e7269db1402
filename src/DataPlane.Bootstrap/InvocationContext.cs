using System.Globalization;
using System.Text.Json;

namespace DataPlane.Bootstrap;

/// <summary>What a handler may ask about its invocation. Immutable.</summary>
internal sealed class InvocationContext(string head, HandlerLog log)
{
    private readonly long _deadlineMs =
        long.TryParse(FieldOf(head, "Lambda-Runtime-Deadline-Ms"), CultureInfo.InvariantCulture, out long at) ? at : 0;

    public HandlerLog Log => log;

    public string AwsRequestId { get; } = FieldOf(head, "Lambda-Runtime-Aws-Request-Id");

    public string InvokedFunctionArn { get; } = FieldOf(head, "Lambda-Runtime-Invoked-Function-Arn");

    public string TraceId { get; } = FieldOf(head, "Lambda-Runtime-Trace-Id");

    /// <summary>A property of <c>ILambdaContext</c> by its name; null for what is not known.</summary>
    public object? Read(string name) => name switch
    {
        nameof(AwsRequestId) => AwsRequestId,
        nameof(InvokedFunctionArn) => InvokedFunctionArn,
        nameof(TraceId) => TraceId,
        "FunctionName" => Variable("AWS_LAMBDA_FUNCTION_NAME"),
        "FunctionVersion" => Variable("AWS_LAMBDA_FUNCTION_VERSION"),
        "LogGroupName" => Variable("AWS_LAMBDA_LOG_GROUP_NAME"),
        "LogStreamName" => Variable("AWS_LAMBDA_LOG_STREAM_NAME"),
        "MemoryLimitInMB" => int.Parse(Variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), CultureInfo.InvariantCulture),
        "RemainingTime" =>
            TimeSpan.FromMilliseconds(_deadlineMs - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()),
        _ => null,
    };

    /// <summary>A map in what the caller of the Invoke API sent along; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> ReadClient(string name)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        string json = FieldOf(head, "Lambda-Runtime-Client-Context");
        if (json.Length == 0) return values;
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty(name, out var found) || found.ValueKind != JsonValueKind.Object)
            return values;
        foreach (var each in found.EnumerateObject()) values[each.Name] = each.Value.ToString();
        return values;
    }

    public bool HasClient => FieldOf(head, "Lambda-Runtime-Client-Context").Length > 0;

    /// <summary>A field of a head; empty when it is not there.</summary>
    internal static string FieldOf(string head, string name)
    {
        int start = head.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        if (start < 0) return "";
        start += name.Length + 4;
        int end = head.IndexOf("\r\n", start, StringComparison.Ordinal);
        return end < 0 ? head[start..] : head[start..end];
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";
}
