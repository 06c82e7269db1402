using System.Collections.Immutable;
using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>invokeApi</c>.</summary>
internal static class InvokeApiBinder
{
    private static readonly KeyTable s_accessKeys = new(
        new ConfigKey("id", ValueShape.String, "Id of the access key.") { Required = true },
        new ConfigKey("secret", ValueShape.String, "Its secret.") { Required = true, Secret = true });

    public static KeyTable Keys { get; } = new(
        new ConfigKey("address", ValueShape.String,
            "Where signed requests are taken besides the admin listener: address:port, or unix:/path."),
        new ConfigKey("accessKeys", ValueShape.List(ValueShape.Section(s_accessKeys)), "Whose signatures are taken.")
        {
            Default = "[]",
        });

    public static InvokeApiConfig Bind(
        NodeReader reader, ImmutableArray<ListenerConfig> listeners, AdminConfig admin, ConfigErrors errors)
    {
        var keys = ImmutableArray.CreateBuilder<AccessKeyConfig>();
        foreach (PlacedNode item in reader.List("accessKeys"))
        {
            var key = new NodeReader(item.Node, item.Path, s_accessKeys, errors);
            string id = key.String("id");
            if (id.Length > 0 && !id.All(char.IsAsciiLetterOrDigit))
                key.Error("id", "is not the id of an access key", "use letters and digits");
            if (keys.Any(each => each.Id == id)) key.Error("id", "is written twice", "remove one of the two");
            else if (id.Length > 0) keys.Add(new AccessKeyConfig(id, key.String("secret")));
            if (key.Node("secret") is not null && key.String("secret").Length == 0)
                key.Error("secret", "is empty", "write the key's secret");
        }
        if (reader.Node("address") is null) return new InvokeApiConfig { AccessKeys = keys.ToImmutable() };
        ListenAddress? address = ListenerBinder.ReadAddress(reader, errors);
        if (address is null) return new InvokeApiConfig();
        if (keys.Count == 0)
            reader.Error("accessKeys", "is required with an address", "list whose signatures are taken");
        bool overlaps = address.Overlaps(admin.Address) || listeners.Any(each => each.Address.Overlaps(address));
        if (overlaps)
        {
            reader.Error(
                "address", "the address overlaps with another listener's", "listen on another address or port");
        }
        return new InvokeApiConfig { Address = address, AccessKeys = keys.ToImmutable() };
    }
}
