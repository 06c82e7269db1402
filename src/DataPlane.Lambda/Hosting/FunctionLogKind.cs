namespace DataPlane.Lambda.Hosting;

/// <summary>What an entry of a function's log tells.</summary>
internal enum FunctionLogKind : byte
{
    /// <summary>What the function wrote.</summary>
    Text,

    /// <summary>An environment starts.</summary>
    InitStart,

    /// <summary>It could not.</summary>
    InitReport,

    /// <summary>An invocation starts.</summary>
    Start,

    /// <summary>It has ended.</summary>
    Report,
}
