using System.Collections.Immutable;
using System.Globalization;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>tracing</c>.</summary>
internal static class TracingBinder
{
    private static readonly ValueShape s_format = ValueShape.Choice("w3c", "xray");

    public static KeyTable ExporterKeys { get; } = new(
        new ConfigKey("otlp", ValueShape.String, "Address of the receiver, http or https.") { Required = true },
        new ConfigKey("protocol", ValueShape.Choice("httpProtobuf", "grpc"), "How it is spoken to.")
        {
            Default = "httpProtobuf",
        },
        new ConfigKey("headers", ValueShape.Map(ValueShape.String), "Header fields of every export.")
        {
            Default = "{}",
            Secret = true,
        },
        new ConfigKey(
            "timeout", ValueShape.Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            "How long one export may take.")
        {
            Default = "10s",
        });

    public static KeyTable Keys { get; } = new(
        new ConfigKey("sample", ValueShape.String, "Share of the traces that start here: 1% or 0.01.")
        {
            Default = "1%",
        },
        new ConfigKey("parent", ValueShape.Choice("follow", "ignore"), "Whether a caller's decision holds.")
        {
            Default = "follow",
        },
        new ConfigKey("propagation", ValueShape.List(s_format), "Fields accepted and passed on.")
        {
            Default = """["w3c"]""",
        },
        new ConfigKey("service", ValueShape.String, "service.name of the spans.") { Default = "dataplane" },
        new ConfigKey("exporter", ValueShape.Section(ExporterKeys), "Where spans go; without it none are made."));

    public static TracingConfig Bind(NodeReader reader, ConfigErrors errors)
    {
        var formats = Formats(reader, errors);
        return new TracingConfig
        {
            Sample = Share(reader),
            FollowsParent = reader.Choice("parent") == "follow",
            W3C = formats.Contains("w3c"),
            XRay = formats.Contains("xray"),
            Service = reader.String("service"),
            Exporter = reader.Node("exporter") is null ? null : BindExporter(reader.Section("exporter"), errors),
        };
    }

    private static HashSet<string> Formats(NodeReader reader, ConfigErrors errors)
    {
        var formats = new HashSet<string>(StringComparer.Ordinal);
        if (reader.Node("propagation") is null) formats.Add("w3c");
        foreach (PlacedNode item in reader.List("propagation"))
        {
            if (ScalarReader.TryChoice(item.Node, item.Path, s_format, errors, out string name)) formats.Add(name);
        }
        return formats;
    }

    private static double Share(NodeReader reader)
    {
        string text = reader.String("sample");
        bool isPercent = text.EndsWith('%');
        const NumberStyles Decimal = NumberStyles.AllowDecimalPoint;
        if (double.TryParse(isPercent ? text[..^1] : text, Decimal, CultureInfo.InvariantCulture, out double value)
            && value <= (isPercent ? 100 : 1))
        {
            return isPercent ? value / 100 : value;
        }
        reader.Error("sample", "is not a share", "write a number from 0 to 1, or a percentage such as 1%");
        return 0;
    }

    private static SpanExporterConfig? BindExporter(NodeReader reader, ConfigErrors errors)
    {
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (PlacedNode item in reader.Mapping("headers"))
        {
            string name = item.Name!.Value;
            if (!FieldRules.CheckName(item.Name, item.Path, name, errors)) continue;
            if (!ScalarReader.TryText(item.Node, item.Path, errors, out string value)) continue;
            // The exporter takes them as one list of pairs: a comma would begin another.
            var problem = FieldRules.ValueProblem(value) ?? (value.Contains(',', StringComparison.Ordinal)
                ? new Problem("contains a comma", "write it percent-encoded, as %2C")
                : null);
            if (problem is null) headers.Add(new(name, value));
            else errors.Add(item.Node, item.Path, problem);
        }
        var url = reader.Url("otlp");
        return url is null ? null : new SpanExporterConfig
        {
            Otlp = url,
            IsGrpc = reader.Choice("protocol") == "grpc",
            Headers = headers.ToImmutable(),
            Timeout = reader.Duration("timeout"),
        };
    }
}
