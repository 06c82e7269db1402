namespace DataPlane.Config;

/// <summary>A piece of a template: a literal's text, a capture's name, or a variable's name.</summary>
public readonly record struct TemplatePart(TemplatePartKind Kind, string Text);
