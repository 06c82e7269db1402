namespace DataPlane.Http.Headers;

internal enum FieldLineStatus
{
    Incomplete,

    /// <summary>A line was added to the section.</summary>
    Field,

    /// <summary>The empty line: <see cref="FieldSection.LineStart"/> is the offset behind it.</summary>
    End,

    /// <summary>See <see cref="FieldSection.Fault"/>.</summary>
    Invalid,
}
