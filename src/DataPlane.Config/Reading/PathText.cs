namespace DataPlane.Config.Reading;

/// <summary>Writes the place of a key as operators read it: <c>upstreams.users.endpoints[0].url</c>.</summary>
public static class PathText
{
    public static string Key(string parent, string key)
    {
        bool simple = key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        if (!simple) return $"{parent}[{ScalarNode.Quote(key)}]";
        return parent.Length == 0 ? key : $"{parent}.{key}";
    }

    public static string Item(string parent, int index) => $"{parent}[{index}]";
}
