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

    /// <summary>An answer to an event that the environment does not have.</summary>
    WrongId,

    /// <summary>A second answer to an event.</summary>
    SecondAnswer,
    WrongMethod,
}
