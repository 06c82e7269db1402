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

    public static IReadOnlyList<ConfigError> Find(ConfigResult result)
    {
        var errors = new ConfigErrors();
        if (result.Root is { } root && result.Sources.Any(each => MayHold(each.Text))) Look(root, "", errors);
        return errors.Items;
    }

    /// <summary>As it is or behind an escape: hardly any text does, and looking at every value takes long.</summary>
    private static bool MayHold(string text) =>
        text.Contains(Mask, StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal);

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
