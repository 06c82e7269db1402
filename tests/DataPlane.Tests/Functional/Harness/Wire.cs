namespace DataPlane.Tests.Functional.Harness;

/// <summary>What carries the bytes between a test and the gateway.</summary>
public enum Wire
{
    Epoll,
    Sockets,

    /// <summary>Pipes inside the process, and a clock of the test's own.</summary>
    Memory,
}
