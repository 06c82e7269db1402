namespace DataPlane.Gateway.Pipeline.Templates;

/// <summary>Where a rendered template goes, which decides how the values in it are written.</summary>
public enum TemplateTarget : byte
{
    /// <summary>A path, with a query perhaps, or a whole URI: the target of an upstream request, the value of
    /// Location.</summary>
    Uri,

    /// <summary>A field value (RFC 9110 5.5): the bytes as they are, and no control bytes.</summary>
    HeaderValue,
}
