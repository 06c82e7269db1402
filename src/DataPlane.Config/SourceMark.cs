namespace DataPlane.Config;

/// <summary>Where something was written: file as the operator named it, line and column from 1.</summary>
public readonly record struct SourceMark(string File, int Line, int Column)
{
    /// <summary>The place for a message about <paramref name="other"/>, which may be in another file.</summary>
    public string SeenFrom(SourceMark other) => other.File == File ? $"on line {Line}" : $"in {File}, line {Line}";

    public override string ToString() => $"{File}:{Line}:{Column}";
}
