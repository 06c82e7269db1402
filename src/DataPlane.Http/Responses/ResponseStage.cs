namespace DataPlane.Http.Responses;

/// <summary>The part of a response head that is being read.</summary>
internal enum ResponseStage : byte
{
    Status,
    Reason,
    Fields,
    Ended,
}
