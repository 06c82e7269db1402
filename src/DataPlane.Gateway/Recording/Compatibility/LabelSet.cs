namespace DataPlane.Gateway.Recording.Compatibility;

/// <summary>Several labels rendered as one piece.</summary>
internal static class LabelSet
{
    public static byte[] Render(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var rendered = new List<byte>();
        foreach (var (name, value) in labels)
        {
            if (rendered.Count > 0) rendered.Add((byte)',');
            rendered.AddRange(MetricLabel.Render(name, value));
        }
        return [.. rendered];
    }
}
