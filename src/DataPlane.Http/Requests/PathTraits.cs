namespace DataPlane.Http.Requests;

/// <summary>What a route may want to know, or refuse, about a path that does have a canonical form. The raw bytes go
/// upstream, so these speak about the raw path, parameters included.</summary>
[Flags]
public enum PathTraits : byte
{
    None = 0,

    /// <summary>%2f stands in the path: an upstream that decodes sees one more segment than we matched.</summary>
    EncodedSlash = 1,

    /// <summary>%25 is followed by two hexadecimal digits of a dot, slash, backslash, percent sign or letter: an
    /// upstream that decodes twice sees another path.</summary>
    DoubleEncoded = 2,

    /// <summary>%3f or %23: an upstream that decodes before it splits sees a query or a fragment.</summary>
    EncodedDelimiter = 4,

    /// <summary>Path parameters (<c>;...</c>) were left out of the canonical path.</summary>
    Parameters = 8,

    /// <summary>The canonical path differs from the raw one.</summary>
    Rewritten = 16,
}
