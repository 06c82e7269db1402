namespace DataPlane.Config;

/// <summary>
/// One mistake of the operator. <c>Path</c> is the key's place (<c>routes[0].match.path</c>; empty for syntax errors),
/// <c>Message</c> says what is wrong, <c>Fix</c> what to write instead. Never contains a secret's value.
/// </summary>
public sealed record ConfigError(string File, int Line, int Column, string Path, string Message, string Fix)
{
    public override string ToString() => Path.Length == 0
        ? $"{File}:{Line}:{Column}: {Message}; {Fix}"
        : $"{File}:{Line}:{Column}: {Path}: {Message}; {Fix}";
}
