using DataPlane.Config;
using DataPlane.Config.Reading;

namespace DataPlane.Gateway.Compilation.Reloading;

/// <summary>
/// Finds the mask of <c>GET /config</c> in what comes back: taken as it is, it would replace every secret by three
/// stars.
/// </summary>
internal static class MaskedValues
{
    private const string Mask = "***";

    public static IReadOnlyList<ConfigError> Find(ConfigNode? root)
    {
        var errors = new ConfigErrors();
        if (root is not null && HasMask(root)) Look(root, "", errors);
        return errors.Items;
    }

    /// <summary>Without writing a place for each value, as hardly ever any is needed.</summary>
    private static bool HasMask(ConfigNode node)
    {
        switch (node)
        {
            case ScalarNode scalar:
                return scalar is { Value: Mask, IsSecret: false };
            case SequenceNode list:
                for (int index = 0; index < list.Items.Count; index++)
                {
                    if (HasMask(list.Items[index])) return true;
                }
                return false;
            case MappingNode mapping:
                for (int index = 0; index < mapping.Entries.Count; index++)
                {
                    if (HasMask(mapping.Entries[index].Value)) return true;
                }
                return false;
            default:
                return false;
        }
    }

    private static void Look(ConfigNode node, string path, ConfigErrors errors)
    {
        switch (node)
        {
            case ScalarNode { Value: Mask, IsSecret: false } scalar:
                errors.Add(scalar, path, "is masked", "write the value, or ${NAME} or ${file:PATH} for it");
                break;
            case SequenceNode list:
                for (int index = 0; index < list.Items.Count; index++)
                    Look(list.Items[index], $"{path}[{index}]", errors);
                break;
            case MappingNode mapping:
                foreach (var entry in mapping.Entries)
                    Look(entry.Value, path.Length == 0 ? entry.Key.Value : $"{path}.{entry.Key.Value}", errors);
                break;
        }
    }
}
