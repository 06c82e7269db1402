using DataPlane.Config.Reading;
using DataPlane.Config.Schema;

namespace DataPlane.Config.Binding;

/// <summary>Binds <c>credentials</c>: a word, or a mapping of a profile or a key.</summary>
internal sealed class CredentialsBinder(ConfigErrors errors, params string[] words)
{
    public const string Key = "credentials";

    private static readonly KeyTable s_keys = new(
        new ConfigKey("profile", ValueShape.String, "Of the shared credentials and configuration files of AWS."),
        new ConfigKey("accessKey", ValueShape.String, "Id of an access key."),
        new ConfigKey("secretKey", ValueShape.String, "Its secret.") { Secret = true },
        new ConfigKey("sessionToken", ValueShape.String, "Of temporary credentials.") { Secret = true });

    /// <summary>The first word is the default.</summary>
    public static ConfigKey KeyOf(string summary, params string[] words) =>
        new(Key, ValueShape.Either(ValueShape.Choice(words), ValueShape.Section(s_keys)), summary)
        {
            Default = words[0],
        };

    /// <summary>Null, or the word that is written; else <paramref name="credentials"/> are.</summary>
    public string? Bind(NodeReader reader, out CredentialsConfig credentials)
    {
        credentials = new CredentialsConfig();
        if (reader.Node(Key) is not { } node) return words[0];
        if (node is not MappingNode written)
        {
            return ScalarReader.TryChoice(
                node, reader.PathOf(Key), ValueShape.Choice(words), errors, out string word) ? word : words[0];
        }
        var section = new NodeReader(written, reader.PathOf(Key), s_keys, errors);
        credentials = new CredentialsConfig
        {
            Profile = section.OptionalString("profile"),
            AccessKey = section.OptionalString("accessKey"),
            SecretKey = section.OptionalString("secretKey"),
            SessionToken = section.OptionalString("sessionToken"),
        };
        bool hasKey = credentials.AccessKey is { Length: > 0 };
        if (hasKey != credentials.SecretKey is { Length: > 0 })
        {
            section.Error(
                hasKey ? "secretKey" : "accessKey", "is required beside the other", "write both, or a profile");
        }
        if (hasKey == credentials.Profile is { Length: > 0 })
            section.Error("profile", "or accessKey and secretKey has to be written", "write one of them");
        return null;
    }
}
