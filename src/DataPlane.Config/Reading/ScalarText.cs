namespace DataPlane.Config.Reading;

/// <summary>A scalar as it was read, before anybody knows whether it is a key or a value.</summary>
internal readonly record struct ScalarText(SourceMark Mark, string Text, bool IsPlain);
