using DataPlane.Lambda.Hosting.Isolation;

namespace DataPlane.Lambda.Hosting.Processes;

/// <summary>A started process, leader of its session. Its fields belong to the keeper's thread.</summary>
internal sealed class ChildProcess(IProcessOwner owner)
{
    public IProcessOwner Owner { get; } = owner;

    /// <summary>See <see cref="ProcessOrder.Mark"/>.</summary>
    public string Mark { get; set; } = "";

    public int Pid { get; set; }

    /// <summary>Readable when the process has ended; -1 before it started and after it was reaped.</summary>
    public int PidDescriptor { get; set; } = -1;

    /// <summary>The end of the pipe that its output comes from; -1 when nobody writes any more.</summary>
    public int Output { get; set; } = -1;

    /// <summary>The end was asked for: nobody waits for the start any more.</summary>
    public bool IsKilled { get; set; }

    /// <summary>See <see cref="StartPriority"/>.</summary>
    public bool GivesWay { get; set; }

    /// <summary>Somebody waits for it by now.</summary>
    public bool IsHastened { get; set; }

    /// <summary>The last poll saw the process ended.</summary>
    public bool IsEnding { get; set; }

    /// <summary>There is output to read.</summary>
    public bool HasOutput { get; set; }

    /// <summary>Null where there are none.</summary>
    public ControlGroup? Group { get; set; }

    /// <summary>The path of the file that tells its memory, with a final zero.</summary>
    public byte[] MemoryPath { get; set; } = [];
}
