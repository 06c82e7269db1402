using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>upstreams.NAME.circuitBreaker</c>.</summary>
internal static class CircuitBreakerBinder
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_most = TimeSpan.FromHours(1);

    private static readonly KeyTable s_fallbackKeys = new(
        new ConfigKey("status", ValueShape.Integer(200, 599), "Status of the answer.") { Default = "503" },
        new ConfigKey("body", ValueShape.Anything, "A text, or a mapping or list that is sent as JSON."),
        new ConfigKey("contentType", ValueShape.String, "Type of the body; JSON and plain text are told apart."));

    public static KeyTable Keys { get; } = new(
        new ConfigKey("failures", ValueShape.Percent, "Share of failures that opens the circuit.")
        {
            Default = "50%",
        },
        new ConfigKey("window", ValueShape.Duration(s_least, s_most), "How far back exchanges count.")
        {
            Default = "10s",
        },
        new ConfigKey("minimum", ValueShape.Integer(1, 1_000_000), "Exchanges below which nothing is concluded.")
        {
            Default = "20",
        },
        new ConfigKey("open", ValueShape.Duration(s_least, s_most), "How long nothing is sent to the upstream.")
        {
            Default = "10s",
        },
        new ConfigKey("fallback", ValueShape.Section(s_fallbackKeys), "The answer in the meantime.")
        {
            Default = "{}",
        });

    /// <summary>Null when the upstream has none.</summary>
    public static CircuitBreakerConfig? Bind(NodeReader upstream)
    {
        if (upstream.Node("circuitBreaker") is null) return null;
        NodeReader reader = upstream.Section("circuitBreaker");
        NodeReader fallback = reader.Section("fallback");
        double failures = reader.Percent("failures");
        if (failures == 0) reader.Error("failures", "is 0%, which is always reached", "write more than 0%");
        int status = fallback.Int("status");
        string? body = fallback.Node("body") switch
        {
            ScalarNode text => text.Value,
            { } json => JsonText.Compact(json),
            null => null,
        };
        if (body is { Length: > Limits.MockBodyBytes })
            fallback.Error("body", "is larger than 1 MiB", "write a shorter one");
        if (body is { Length: > 0 } && status is 204 or 205 or 304)
            fallback.Error("body", $"a response with status {status} has no body", "remove the body");
        return new CircuitBreakerConfig
        {
            Failures = failures,
            Window = reader.Duration("window"),
            Minimum = reader.Int("minimum"),
            Open = reader.Duration("open"),
            FallbackStatus = status,
            FallbackBody = body,
            FallbackContentType = ContentType(fallback, body ?? ""),
        };
    }

    private static string ContentType(NodeReader fallback, string body)
    {
        if (fallback.OptionalString("contentType") is { } type)
        {
            if (FieldRules.ValueProblem(type) is not { } problem) return type;
            fallback.Error("contentType", problem.Message, problem.Fix);
        }
        return body.TrimStart() is ['{' or '[', ..] ? "application/json" : "text/plain; charset=utf-8";
    }
}
