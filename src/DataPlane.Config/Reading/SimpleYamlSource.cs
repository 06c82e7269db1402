namespace DataPlane.Config.Reading;

/// <summary>A file's text and what its values mean, for reading it in parts. Any thread.</summary>
internal sealed class SimpleYamlSource(string file, string text, Substitution substitution)
{
    public string File { get; } = file;

    public string Text { get; } = text;

    public TextPool Texts { get; } = new();

    /// <summary>Variables and files are named in the text; null when they cannot be read.</summary>
    public ScalarNode? Substitute(SourceMark mark, string value, bool isPlain)
    {
        var errors = new ConfigErrors();
        ScalarNode node = substitution.Apply(mark, value, isPlain, () => "", errors);
        return errors.Any ? null : node;
    }
}
