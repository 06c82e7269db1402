namespace DataPlane.Config;

/// <summary>One file of a configuration, decoded but not read: nothing in it is substituted yet.</summary>
public sealed record SourceFile(string Path, string Text);
