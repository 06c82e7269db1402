using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlane.Bootstrap;

/// <summary>An error as Lambda tells it: the exception that the function threw, and those it was caused by.</summary>
internal sealed class FunctionError
{
    private static readonly JsonSerializerOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    [JsonPropertyName("errorType")]
    public required string Type { get; init; }

    [JsonPropertyName("errorMessage")]
    public required string Message { get; init; }

    [JsonPropertyName("stackTrace")]
    public IReadOnlyList<string> StackTrace { get; init; } = [];

    [JsonPropertyName("cause")]
    public FunctionError? Cause { get; init; }

    public static FunctionError Describe(Exception failure)
    {
        // What reflection and tasks put around it is not the function's.
        while (failure is TargetInvocationException or AggregateException { InnerExceptions.Count: 1 }
            && failure.InnerException is { } inner)
        {
            failure = inner;
        }
        return new FunctionError
        {
            Type = failure.GetType().Name,
            Message = failure.Message,
            StackTrace = failure.StackTrace?.Split(Environment.NewLine) ?? [],
            Cause = failure.InnerException is { } cause ? Describe(cause) : null,
        };
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_writing);
}
