namespace DataPlane.Lambda.Calling;

/// <summary>
/// A name and a value as ranges of <see cref="CallScratch.Bytes"/>. Done: it was written with its first.
/// </summary>
internal struct EventField
{
    public int NameStart;
    public int NameLength;
    public int ValueStart;
    public int ValueLength;
    public bool IsDone;
}
