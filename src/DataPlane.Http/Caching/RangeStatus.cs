namespace DataPlane.Http.Caching;

/// <summary>What a Range field asks of a representation of known length.</summary>
public enum RangeStatus : byte
{
    /// <summary>Nothing that is understood, or several ranges: the whole representation answers it.</summary>
    Whole,

    /// <summary>206.</summary>
    Part,

    /// <summary>416.</summary>
    Unsatisfiable,
}
