namespace DataPlane.Config.Schema;

/// <summary>One key an operator may write: its name, its value's shape, and one line that says what it does.</summary>
public sealed record ConfigKey(string Name, ValueShape Shape, string Summary)
{
    /// <summary>The value when the key is absent, as one would write it; <c>{}</c> for a section of defaults.</summary>
    public string? Default { get; init; }

    public bool Required { get; init; }

    /// <summary>Masked when the configuration is printed, however it was written.</summary>
    public bool Secret { get; init; }

    /// <summary>Set when the key is known but comes later: what to do instead until then.</summary>
    public string? NotYet { get; init; }

    public static ConfigKey Later(string name, string fix) =>
        new(name, ValueShape.Anything, "Not in this version.") { NotYet = fix };
}
