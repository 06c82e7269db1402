using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlane.Bootstrap;

/// <summary>
/// What a handler logs: each message with the time, the id of its request and a level, in text or JSON, as Lambda's
/// client for .NET writes them. Any thread.
/// </summary>
internal sealed class HandlerLog
{
    private static readonly string[] s_levels = ["trce", "dbug", "info", "warn", "fail", "crit"];

    private static readonly string[] s_names = ["Trace", "Debug", "Information", "Warning", "Error", "Critical"];

    private static readonly JsonSerializerOptions s_writing = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly TextWriter _target;
    private readonly bool _isJson;
    private readonly int _least;
    private volatile InvocationContext? _invocation;

    public HandlerLog(TextWriter target, string? format, string? level)
    {
        _target = target;
        _isJson = string.Equals(format, "JSON", StringComparison.OrdinalIgnoreCase);
        _least = Math.Max(0, LevelOf(level ?? ""));
    }

    /// <summary>The console of the process writes here from now on.</summary>
    public static HandlerLog OfConsole()
    {
        var log = new HandlerLog(
            Console.Out, Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_FORMAT"),
            Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL"));
        string? wanted = Environment.GetEnvironmentVariable("AWS_LAMBDA_HANDLER_LOG_FORMAT");
        if (string.Equals(wanted, "Unformatted", StringComparison.OrdinalIgnoreCase)) return log;
        Console.SetOut(new LogWriter(log, "info"));
        Console.SetError(new LogWriter(log, "fail"));
        return log;
    }

    /// <summary>What is written from now on belongs to this one.</summary>
    public void Begin(InvocationContext invocation) => _invocation = invocation;

    /// <summary>One message, which may have many lines.</summary>
    public void Write(string level, string message)
    {
        int known = LevelOf(level);
        if (known >= 0 && known < _least) return;
        var time = DateTime.UtcNow;
        string line = _isJson
            ? JsonSerializer.Serialize(
                new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["timestamp"] = $"{time:yyyy-MM-ddTHH:mm:ss.fff}Z",
                    ["level"] = known < 0 ? level : s_names[known],
                    ["requestId"] = _invocation?.AwsRequestId,
                    ["traceId"] = _invocation?.TraceId,
                    ["message"] = message,
                },
                s_writing)
            : $"{time:yyyy-MM-ddTHH:mm:ss.fff}Z\t{_invocation?.AwsRequestId}\t{level}\t{message}";
        lock (_target) _target.WriteLine(line);
    }

    /// <summary>By its short name, its name, or what AWS calls it; negative for none.</summary>
    private static int LevelOf(string level)
    {
        int known = Array.FindIndex(s_levels, each => each.Equals(level, StringComparison.OrdinalIgnoreCase));
        if (known < 0) known = Array.FindIndex(s_names, each => each.Equals(level, StringComparison.OrdinalIgnoreCase));
        return known >= 0 ? known : level.ToUpperInvariant() switch
        {
            "INFO" => 2,
            "WARN" => 3,
            "FATAL" => 5,
            _ => -1,
        };
    }
}
