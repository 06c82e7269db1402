namespace DataPlane.Http.Requests;

/// <summary>The four forms of a request target (RFC 9112 3.2).</summary>
public enum TargetForm : byte
{
    Origin,
    Absolute,
    Authority,
    Asterisk,
}
