namespace DataPlane.Lambda.Hosting;

/// <summary>What a runtime asks of the Runtime API.</summary>
internal enum RuntimeRequest : byte
{
    Unknown,
    Ping,
    Next,
    Response,

    /// <summary>A response in pieces.</summary>
    Stream,
    Error,
    InitError,

    /// <summary>An answer to an event that the environment does not have, or has answered.</summary>
    WrongId,
    WrongMethod,
}
