using System.Text.Json;

namespace DataPlane.Tests.Lambda.Dotnet;

/// <summary>
/// Handlers of a class library: this very assembly is one, with all it depends on beside it. Each is called in a
/// process of its own.
/// </summary>
public sealed class SampleHandlers
{
    private int _calls;

    public static string Upper(string text) => text.ToUpperInvariant();

    public static Stream Reverse(Stream input)
    {
        using var copy = new MemoryStream();
        input.CopyTo(copy);
        byte[] bytes = copy.ToArray();
        Array.Reverse(bytes);
        return new MemoryStream(bytes);
    }

    public SampleEvent Count(SampleEvent sample) => sample with { Values = [.. sample.Values ?? [], ++_calls] };

    public static async Task<SampleEvent> GreetAsync(SampleEvent sample, ILambdaContext context)
    {
        await Task.Yield();
        context.Logger.LogLine("greeting");
        Console.WriteLine("to the\nconsole");
        Console.Error.Write("to {0}", "stderr");
        Console.Error.Write('\n');
        bool hasTime = context.RemainingTime > TimeSpan.Zero;
        return sample with
        {
            More = $"{context.FunctionName} {context.MemoryLimitInMB} {context.InvokedFunctionArn} {hasTime} "
                + context.AwsRequestId.Length,
        };
    }

    public static async Task RestAsync() => await Task.Yield();

    public static async ValueTask<int> SumAsync(SampleEvent sample)
    {
        await Task.Yield();
        return sample.Values!.Sum();
    }

    public static void Nothing()
    {
    }

    public static async Task<string> FailAsync(SampleEvent sample)
    {
        await Task.Yield();
        throw new InvalidOperationException(sample.Name, new FormatException("the cause"));
    }

    [LambdaSerializer(typeof(ShoutingSerializer))]
    public static SampleEvent Shout(SampleEvent sample) => sample;

    public static object Introspect(JsonElement input, ILambdaContext context) => new
    {
        environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(each => (string)each.Key, each => (string?)each.Value),
        ctx = new
        {
            aws_request_id = context.AwsRequestId,
            function_name = context.FunctionName,
            function_version = context.FunctionVersion,
            invoked_function_arn = context.InvokedFunctionArn,
            log_group_name = context.LogGroupName,
            log_stream_name = context.LogStreamName,
            memory_limit_in_mb = $"{context.MemoryLimitInMB}{(input.ValueKind == JsonValueKind.Object ? "" : "?")}",
            remaining_time_in_millis = (long)context.RemainingTime.TotalMilliseconds,
        },
    };

    /// <summary>Something of the assembly's own dependencies.</summary>
    public static string Framework(JsonElement input) =>
        typeof(Microsoft.Extensions.Logging.ILogger).Assembly.GetName().Name + input.ValueKind;

    public static void Three(string one, string two, ILambdaContext context) => Console.WriteLine(one + two + context);
}
