using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>async</c> of a function.</summary>
internal sealed class FunctionAsyncBinder(GatewayConfigReferences references, ConfigErrors errors)
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_mostDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_mostAge = TimeSpan.FromDays(14);

    private static readonly KeyTable s_destinationKeys = new(
        new ConfigKey("function", ValueShape.String, "Name of a function, which is invoked with it."),
        new ConfigKey("upstream", ValueShape.String, "Name of an upstream, which gets it as a POST."),
        new ConfigKey("path", ValueShape.String, "Where the upstream gets it.") { Default = "/" },
        new ConfigKey("file", ValueShape.String, "A file, from the folder of this one, which gets it as a line."));

    public static KeyTable Keys { get; } = new(
        new ConfigKey("retries", ValueShape.Integer(0, 100), "Further attempts after the function failed.")
        {
            Default = "2",
        },
        new ConfigKey("retryDelay", ValueShape.Duration(s_least, s_mostDelay),
            "Before the first of them; the second waits twice as long, and so on.")
        {
            Default = "1m",
        },
        new ConfigKey("maximumAge", ValueShape.Duration(s_least, s_mostAge), "After which an event is given up.")
        {
            Default = "6h",
        },
        new ConfigKey("onSuccess", ValueShape.Section(s_destinationKeys), "Who gets a record of each success."),
        new ConfigKey("onFailure", ValueShape.Section(s_destinationKeys),
            "Who gets a record of each event that was given up."),
        new ConfigKey("deadLetter", ValueShape.Section(s_destinationKeys),
            "Who gets each event that was given up, as it came."));

    public FunctionAsyncConfig Bind(NodeReader reader) => new()
    {
        Retries = reader.Int("retries"),
        RetryDelay = reader.Duration("retryDelay"),
        MaximumAge = reader.Duration("maximumAge"),
        OnSuccess = Destination(reader, "onSuccess"),
        OnFailure = Destination(reader, "onFailure"),
        DeadLetter = Destination(reader, "deadLetter"),
    };

    private DestinationConfig? Destination(NodeReader parent, string key)
    {
        if (parent.Node(key) is not { } node) return null;
        var reader = parent.Section(key);
        bool hasFunction = reader.Node("function") is not null;
        bool hasUpstream = reader.Node("upstream") is not null;
        bool hasFile = reader.Node("file") is not null;
        if ((hasFunction ? 1 : 0) + (hasUpstream ? 1 : 0) + (hasFile ? 1 : 0) != 1)
        {
            parent.Error(key, "is not one destination", "write exactly one of function, upstream and file");
            return null;
        }
        // The default is written by the effective configuration beside any destination, and has to load again.
        string path = reader.String("path");
        if (path is not ['/', ..] || (!hasUpstream && path.Length > 1))
            reader.Error("path", "is not the path of a request to an upstream", "begin it with / beside upstream");
        string function = "", upstream = "";
        if (reader.Node("function") is { } named)
            references.TryFunction(named, reader.PathOf("function"), errors, out function);
        if (reader.Node("upstream") is { } other)
            references.TryUpstream(other, reader.PathOf("upstream"), errors, out upstream);
        return new DestinationConfig
        {
            Function = hasFunction ? function : null,
            Upstream = hasUpstream ? upstream : null,
            Path = path,
            File = hasFile ? FilePath.Of(reader, "file", node.Mark.File) : null,
        };
    }
}
