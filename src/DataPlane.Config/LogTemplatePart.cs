namespace DataPlane.Config;

/// <summary>A piece of a log template: a literal's text, or a variable and the name behind its last dot.</summary>
public readonly record struct LogTemplatePart(LogVariable Variable, string Text);
