namespace DataPlane.Config.Schema;

/// <summary>What kind of value a key takes.</summary>
public enum ShapeKind
{
    String,
    Boolean,
    Integer,
    Number,
    Duration,
    Size,
    Rate,
    Percent,
    Choice,
    Section,
    Map,
    List,
    Either,
    Target,
    Policy,
    Anything,
}
