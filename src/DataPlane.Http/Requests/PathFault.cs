namespace DataPlane.Http.Requests;

/// <summary>Why a path has no canonical form: servers read it in different ways, or it leaves the root.</summary>
public enum PathFault : byte
{
    None = 0,

    /// <summary>The path does not begin with a slash.</summary>
    NotAbsolute,

    /// <summary>Not allowed in a path: up to space, from 0x7f on, and <c># ? " &lt; &gt; `</c>.</summary>
    ForbiddenByte,

    /// <summary>A percent sign that is not followed by two hexadecimal digits.</summary>
    BadEscape,

    /// <summary>%00.</summary>
    EncodedNul,

    /// <summary>%01 to %1f, %7f, and U+0080 to U+009F in UTF-8.</summary>
    EncodedControl,

    /// <summary><c>\</c> or %5c: a slash on Windows.</summary>
    Backslash,

    /// <summary>Escapes from %80 on that are no UTF-8.</summary>
    InvalidUtf8,

    /// <summary>A <c>.</c> or <c>..</c> segment that only shows after decoding or without its parameters.</summary>
    HiddenDotSegment,

    /// <summary>A <c>..</c> behind an empty segment or an encoded slash: whoever merges or decodes first steps over
    /// another segment than who does not (<c>/admin//..</c> is <c>/admin/</c> to one and <c>/</c> to the
    /// other).</summary>
    AmbiguousDotSegment,

    /// <summary>More <c>..</c> than segments before them.</summary>
    AboveRoot,
}
