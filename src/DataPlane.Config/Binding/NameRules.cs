using DataPlane.Config.Reading;

namespace DataPlane.Config.Binding;

/// <summary>Names an operator gives to listeners, upstreams and policies: they become metric labels and URLs.</summary>
internal static class NameRules
{
    private const int MostCharacters = 63;

    public static void Check(ConfigNode at, NodePath path, string name, ConfigErrors errors)
    {
        bool isGood = name.Length is > 0 and <= MostCharacters
            && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        if (isGood) return;
        errors.Add(at, path, new Problem(
            $"{ScalarNode.Quote(name)} is not a name",
            $"use at most {MostCharacters} letters, digits, '-', '_' and '.', starting with a letter or digit"));
    }
}
