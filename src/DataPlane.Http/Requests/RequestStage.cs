namespace DataPlane.Http.Requests;

/// <summary>The part of a request head that is being read.</summary>
internal enum RequestStage : byte
{
    Start,
    Method,
    Target,
    Version,
    Fields,
    Ended,
}
