namespace DataPlane.Http.Requests;

/// <summary>How the end of a body is found. <see cref="UntilClose"/> happens in responses only.</summary>
public enum BodyFraming : byte
{
    None,
    Length,
    Chunked,
    UntilClose,
}
