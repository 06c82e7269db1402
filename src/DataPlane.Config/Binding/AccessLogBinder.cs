using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>accessLog</c>.</summary>
internal static class AccessLogBinder
{
    private const string FilePrefix = "file:";

    private static readonly ValueShape s_share = ValueShape.Number(0, 1);

    public static KeyTable SampleKeys { get; } = new(
        new ConfigKey("default", s_share, "Share of all exchanges.") { Default = "1" },
        new ConfigKey("errors", s_share, "Of those that ended with 5xx or were broken off.") { Default = "1" },
        new ConfigKey("clientErrors", s_share, "Of those that ended with 4xx; like all others when absent."),
        new ConfigKey("routes", ValueShape.Map(s_share), "Of a route's exchanges, by its id.") { Default = "{}" });

    public static KeyTable RedactKeys { get; } = new(
        Names("query", "More query parameters whose values are masked."),
        Names("headers", "More header fields whose values are masked."),
        Names("captures", "Parameters of route paths whose values are masked."));

    public static KeyTable Keys { get; } = new(
        new ConfigKey("to", ValueShape.String, "stdout, stderr, file:PATH, syslog:unix:PATH, syslog:udp://HOST or off.")
        {
            Default = "stdout",
        },
        new ConfigKey("format", ValueShape.String, "json, clf, combined, or a line with $context variables.")
        {
            Default = "json",
        },
        new ConfigKey(
            "sample", ValueShape.Either(s_share, ValueShape.Section(SampleKeys)), "Share of exchanges that are logged.")
        {
            Default = "1",
        },
        new ConfigKey("query", ValueShape.Boolean, "Log the query behind the path.") { Default = "false" },
        new ConfigKey("redact", ValueShape.Section(RedactKeys), "What is never shown.") { Default = "{}" },
        new ConfigKey("syslog", ValueShape.Section(SyslogTarget.Keys), "How syslog messages are marked.")
        {
            Default = "{}",
        });

    public static AccessLogConfig Bind(NodeReader reader, ImmutableArray<RouteConfig> routes, ConfigErrors errors)
    {
        string to = reader.String("to");
        var (target, path) = TargetOf(to);
        SyslogConfig? syslog = null;
        if (target == AccessLogTarget.Syslog) syslog = SyslogTarget.Bind(to, reader);
        else SyslogTarget.Check(reader.Section("syslog"));
        if (target is null && reader.Node("to") is ScalarNode)
        {
            reader.Error(
                "to", "is not a place for the log",
                "write stdout, stderr, file:PATH, syslog:unix:PATH, syslog:udp://HOST:PORT or off");
        }
        var (format, template) = FormatOf(reader, errors);
        var redact = reader.Section("redact");
        return new AccessLogConfig
        {
            Target = target ?? AccessLogTarget.Stdout,
            Path = path,
            Syslog = syslog,
            Format = format,
            Template = template,
            Sample = SampleOf(reader, routes, errors),
            Query = reader.Bool("query"),
            Redact = new LogRedactionConfig
            {
                Query = NamesOf(redact, "query", errors),
                Headers = NamesOf(redact, "headers", errors),
                Captures = NamesOf(redact, "captures", errors),
            },
        };
    }

    private static (AccessLogTarget? Target, string? Path) TargetOf(string to)
    {
        if (to.StartsWith(FilePrefix, StringComparison.Ordinal) && to.Length > FilePrefix.Length)
            return (AccessLogTarget.File, to[FilePrefix.Length..]);
        if (to.StartsWith(SyslogTarget.Prefix, StringComparison.Ordinal)) return (AccessLogTarget.Syslog, null);
        return to switch
        {
            "stdout" => (AccessLogTarget.Stdout, null),
            "stderr" => (AccessLogTarget.Stderr, null),
            "off" => (AccessLogTarget.Off, null),
            _ => (null, null),
        };
    }

    private static (AccessLogFormat Format, LogTemplate? Template) FormatOf(NodeReader reader, ConfigErrors errors)
    {
        string text = reader.String("format");
        switch (text)
        {
            case "json": return (AccessLogFormat.Json, null);
            case "clf": return (AccessLogFormat.Clf, null);
            case "combined": return (AccessLogFormat.Combined, null);
        }
        var problem = new Problem(
            "is not a format", "write json, clf, combined, or a line with variables such as $context.status");
        if (text.Contains('$', StringComparison.Ordinal) && LogTemplate.TryParse(text, out problem) is { } template)
            return (AccessLogFormat.Template, template);
        if (reader.Node("format") is { } node) errors.Add(node, reader.PathOf("format"), problem);
        return (AccessLogFormat.Json, null);
    }

    private static LogSamplingConfig SampleOf(
        NodeReader reader, ImmutableArray<RouteConfig> routes, ConfigErrors errors)
    {
        NodePath path = reader.PathOf("sample");
        switch (reader.Node("sample"))
        {
            case null:
                return new LogSamplingConfig();
            case ScalarNode scalar:
                return ScalarReader.TryNumber(scalar, path, s_share, errors, out double share)
                    ? new LogSamplingConfig { Default = share }
                    : new LogSamplingConfig();
            case var node:
                return SampleOf(new NodeReader(node, path, SampleKeys, errors), path, routes, errors);
        }
    }

    private static LogSamplingConfig SampleOf(
        NodeReader reader, NodePath path, ImmutableArray<RouteConfig> routes, ConfigErrors errors)
    {
        var ids = routes.Select(route => route.Id).ToHashSet(StringComparer.Ordinal);
        var shares = ImmutableArray.CreateBuilder<RouteShare>();
        foreach (PlacedNode item in reader.Mapping("routes"))
        {
            string id = item.Name!.Value;
            if (!ids.Contains(id))
            {
                string fix = NearestName.Suggest(id, ids, "routes");
                errors.Add(item.Name, item.Path, $"unknown route {item.Name.Quoted}", fix);
            }
            if (ScalarReader.TryNumber(item.Node, item.Path, s_share, errors, out double share))
                shares.Add(new RouteShare(id, share));
        }
        return new LogSamplingConfig
        {
            Default = reader.Number("default"),
            Errors = reader.Number("errors"),
            ClientErrors = reader.Node("clientErrors") is null ? null : reader.Number("clientErrors"),
            Routes = shares.ToImmutable(),
        };
    }

    private static ImmutableArray<string> NamesOf(NodeReader reader, string key, ConfigErrors errors)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (PlacedNode item in reader.List(key))
        {
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string name)) continue;
            if (FieldRules.IsToken(name)) names.Add(name);
            else errors.Add(item.Node, item.Path, $"{ScalarReader.Quoted(item.Node)} is not a name", "write one name");
        }
        return names.ToImmutable();
    }

    private static ConfigKey Names(string name, string summary) =>
        new(name, ValueShape.List(ValueShape.String), summary) { Default = "[]" };
}
