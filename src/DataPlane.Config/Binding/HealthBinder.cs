using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>upstreams.NAME.health</c>.</summary>
internal static class HealthBinder
{
    private const int MostInARow = 1000;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_most = TimeSpan.FromHours(1);
    private static readonly ValueShape s_statuses =
        ValueShape.List(ValueShape.Either(ValueShape.Integer(200, 599), ValueShape.String));

    private static readonly KeyTable s_expectKeys = new(
        new ConfigKey("status", s_statuses, "Statuses of a good answer, and ranges of them.")
        {
            Default = """["200-399"]""",
        },
        new ConfigKey("body", ValueShape.String, "A text that a good answer's body contains."));

    private static readonly KeyTable s_grpcKeys = new(
        new ConfigKey("service", ValueShape.String, "Service asked for; empty for the server as a whole.")
        {
            Default = "",
        });

    private static readonly KeyTable s_activeKeys = new(
        new ConfigKey("path", ValueShape.String, "What is asked for with GET; without it only a connection is opened."),
        new ConfigKey("grpc", ValueShape.Section(s_grpcKeys), "Ask by gRPC's health protocol instead of a path."),
        new ConfigKey("host", ValueShape.String, "Host of the request; without it the endpoint's own."),
        Time("interval", "5s", "From one check to the next."),
        Time("timeout", "2s", "Of one check, until the end of its answer."),
        Count("healthyAfter", 1, "2", "Good answers in a row after which an endpoint is healthy again."),
        Count("unhealthyAfter", 1, "3", "Bad answers in a row after which an endpoint is unhealthy."),
        new ConfigKey("jitter", ValueShape.Percent, "Share of the interval by which it varies.") { Default = "10%" },
        new ConfigKey("expect", ValueShape.Section(s_expectKeys), "What a good answer is.") { Default = "{}" });

    private static readonly KeyTable s_passiveKeys = new(
        Count("failures", 0, "5", "Failures in a row that eject an endpoint; 0 switches off."),
        new ConfigKey("errorRatio", ValueShape.Percent, "Share of failures in a window that ejects; 0% switches off.")
        {
            Default = "50%",
        },
        Time("window", "10s", "How long exchanges are counted for the ratio."),
        new ConfigKey("minimum", ValueShape.Integer(1, 1_000_000), "Exchanges in a window below which none is ejected.")
        {
            Default = "20",
        },
        Time("ejection", "30s", "Of the first ejection; the second lasts twice as long, and so on."),
        Time("maximumEjection", "5m", "Longest ejection."),
        new ConfigKey("maximumEjected", ValueShape.Percent, "Share of the endpoints ejected at once; never the last.")
        {
            Default = "50%",
        },
        new ConfigKey("statuses", s_statuses, "Answers that are failures.") { Default = """["500-599"]""" });

    public static KeyTable Keys { get; } = new(
        new ConfigKey("active", ValueShape.Section(s_activeKeys), "Endpoints are asked; not without this section."),
        new ConfigKey(
            "passive", ValueShape.Section(s_passiveKeys),
            "Endpoints that fail are left out for a while; not without this section."),
        new ConfigKey(
            "panicThreshold", ValueShape.Percent,
            "Share of healthy endpoints below which health is ignored; 0% never ignores it.")
        {
            Default = "50%",
        });

    public static HealthConfig Bind(NodeReader reader, ConfigErrors errors) => new()
    {
        Active = reader.Node("active") is null ? null : BindActive(reader.Section("active"), errors),
        Passive = reader.Node("passive") is null ? null : BindPassive(reader.Section("passive"), errors),
        PanicThreshold = reader.Percent("panicThreshold"),
    };

    private static ActiveHealthConfig BindActive(NodeReader reader, ConfigErrors errors)
    {
        NodeReader expect = reader.Section("expect");
        var standard = new ActiveHealthConfig();
        var active = new ActiveHealthConfig
        {
            Path = reader.OptionalString("path"),
            GrpcService = reader.Node("grpc") is null ? null : reader.Section("grpc").String("service"),
            Host = reader.OptionalString("host"),
            Interval = reader.Duration("interval"),
            Timeout = reader.Duration("timeout"),
            HealthyAfter = reader.Int("healthyAfter"),
            UnhealthyAfter = reader.Int("unhealthyAfter"),
            Jitter = reader.Percent("jitter"),
            ExpectedStatuses = StatusRanges.Bind(expect, "status", standard.ExpectedStatuses, errors),
            ExpectedText = expect.OptionalString("body"),
        };
        if (active.Path is { } path && !(path.StartsWith('/') && path.All(IsVisible)))
            reader.Error("path", "is not a path", "write one that starts with /, with spaces and the like as %20");
        if (active.Host is { } host && !(host.Length > 0 && host.All(IsVisible)))
            reader.Error("host", "is not a host", "write a name, with a port if need be");
        if (active.Path is not null && active.GrpcService is not null)
            reader.Error("grpc", "stands beside path", "keep one of the two");
        if (active.GrpcService is { } service && !(service.Length <= Limits.IdLength && service.All(IsVisible)))
            reader.Error("grpc", "names no service", $"write at most {Limits.IdLength} characters without spaces");
        bool asksNothing = active.Path is null && active.GrpcService is null;
        if (asksNothing && (active.Host ?? active.ExpectedText) is not null)
            reader.Error("path", "is missing", "add the path to ask for: host and body mean nothing without it");
        if (active.ExpectedText is { Length: 0 or > Limits.ExpectedTextLength })
            expect.Error("body", "is empty or too long", $"write 1 to {Limits.ExpectedTextLength} characters");
        return active;
    }

    private static PassiveHealthConfig BindPassive(NodeReader reader, ConfigErrors errors)
    {
        var standard = new PassiveHealthConfig();
        var passive = new PassiveHealthConfig
        {
            Failures = reader.Int("failures"),
            ErrorRatio = reader.Percent("errorRatio"),
            Window = reader.Duration("window"),
            Minimum = reader.Int("minimum"),
            Ejection = reader.Duration("ejection"),
            MaximumEjection = reader.Duration("maximumEjection"),
            MaximumEjected = reader.Percent("maximumEjected"),
            Statuses = StatusRanges.Bind(reader, "statuses", standard.Statuses, errors),
        };
        if (passive.Ejection > passive.MaximumEjection)
            reader.Error("ejection", "is longer than maximumEjection", "write at most that, or raise maximumEjection");
        return passive;
    }

    private static bool IsVisible(char c) => c is > ' ' and < '\x7f';

    private static ConfigKey Count(string name, int least, string standard, string summary) =>
        new(name, ValueShape.Integer(least, MostInARow), summary) { Default = standard };

    private static ConfigKey Time(string name, string standard, string summary) =>
        new(name, ValueShape.Duration(s_least, s_most), summary) { Default = standard };
}
