namespace DataPlane.Http.Requests;

/// <summary>Methods are case-sensitive (RFC 9110 9.1): <c>get</c> is <see cref="Other"/>, and legal.</summary>
public enum RequestMethod : byte
{
    Other = 0,
    Get,
    Head,
    Post,
    Put,
    Delete,
    Connect,
    Options,
    Trace,
    Patch,
    Query,
}
