namespace DataPlane.Http.Requests;

/// <summary>Texts of <see cref="PathFault"/>: constants, nothing of the peer's bytes. Any thread; 0 bytes.</summary>
public static class PathFaults
{
    public static string Detail(PathFault fault) => fault switch
    {
        PathFault.None => "",
        PathFault.NotAbsolute => "The path does not begin with a slash.",
        PathFault.ForbiddenByte => "The path contains a forbidden character.",
        PathFault.BadEscape => "A percent sign is not followed by two hexadecimal digits.",
        PathFault.EncodedNul => "The path contains an encoded NUL.",
        PathFault.EncodedControl => "The path contains an encoded control character.",
        PathFault.Backslash => "The path contains a backslash.",
        PathFault.InvalidUtf8 => "The path's escapes are not UTF-8.",
        PathFault.HiddenDotSegment => "The path hides a dot segment behind an escape or a parameter.",
        PathFault.AmbiguousDotSegment => "A dot segment follows an empty segment or an encoded slash.",
        PathFault.AboveRoot => "The path's dot segments lead above the root.",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };

    public static string MetricLabel(PathFault fault) => fault switch
    {
        PathFault.None => "none",
        PathFault.NotAbsolute => "path_not_absolute",
        PathFault.ForbiddenByte => "path_forbidden_byte",
        PathFault.BadEscape => "path_bad_escape",
        PathFault.EncodedNul => "path_encoded_nul",
        PathFault.EncodedControl => "path_encoded_control",
        PathFault.Backslash => "path_backslash",
        PathFault.InvalidUtf8 => "path_invalid_utf8",
        PathFault.HiddenDotSegment => "path_hidden_dot_segment",
        PathFault.AmbiguousDotSegment => "path_ambiguous_dot_segment",
        PathFault.AboveRoot => "path_above_root",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, message: null),
    };
}
