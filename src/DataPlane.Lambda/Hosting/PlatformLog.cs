using System.Text;

namespace DataPlane.Lambda.Hosting;

/// <summary>How the platform's own entries read. Stateless; any thread.</summary>
internal abstract class PlatformLog
{
    /// <summary>Entries are to have the time.</summary>
    public abstract bool TellsTime { get; }

    /// <summary>Whole lines, or nothing, for an entry that is not the function's own text.</summary>
    public abstract void Append(StringBuilder text, in FunctionLogEntry entry);
}
