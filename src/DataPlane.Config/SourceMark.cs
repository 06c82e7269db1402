namespace DataPlane.Config;

/// <summary>Where something was written: file as the operator named it, line and column from 1.</summary>
public sealed record SourceMark(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}
