namespace DataPlane.Gateway.Recording;

/// <summary>Which cells of a row are series of their own, and which were folded. Up to 128 cells.</summary>
internal struct SeriesMask
{
    private UInt128 _own;
    private UInt128 _folded;

    public readonly bool IsFolded(int cell) => (_folded >> cell & 1) != 0;

    /// <summary>Whether a cell that has counted something is a series of its own; decided at first sight.</summary>
    public bool IsOwn(int cell, SeriesBudget budget)
    {
        var bit = UInt128.One << cell;
        if ((_own & bit) != 0) return true;
        if ((_folded & bit) != 0) return false;
        bool isOwn = budget.TryTake(1);
        if (isOwn) _own |= bit;
        else _folded |= bit;
        return isOwn;
    }

    /// <summary>Gives the lines back when the row leaves the page.</summary>
    public readonly void Release(SeriesBudget budget) => budget.Release((int)UInt128.PopCount(_own));
}
