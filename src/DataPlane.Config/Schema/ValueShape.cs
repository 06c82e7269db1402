using System.Collections.Immutable;

namespace DataPlane.Config.Schema;

/// <summary>
/// The shape of a key's value. One description serves the reader (ranges, choices), the JSON Schema and the defaults
/// of the effective configuration, so that they cannot disagree.
/// </summary>
public sealed class ValueShape
{
    private ValueShape(ShapeKind kind) => Kind = kind;

    public ShapeKind Kind { get; }

    /// <summary>Smallest value, in the shape's unit: bytes, milliseconds, or the number itself.</summary>
    public long Least { get; private init; } = 0;

    /// <summary>Largest value, in the same unit.</summary>
    public long Most { get; private init; } = long.MaxValue;

    /// <summary>The names a <see cref="ShapeKind.Choice"/> takes.</summary>
    public ImmutableArray<string> Names { get; private init; } = [];

    /// <summary>The keys of a <see cref="ShapeKind.Section"/>.</summary>
    public KeyTable? Keys { get; private init; }

    /// <summary>Each item of a list, each value of a map, or each alternative.</summary>
    public ImmutableArray<ValueShape> Inner { get; private init; } = [];

    public static ValueShape String { get; } = new(ShapeKind.String);

    public static ValueShape Boolean { get; } = new(ShapeKind.Boolean);

    public static ValueShape Rate { get; } = new(ShapeKind.Rate);

    /// <summary>A share of the whole, such as <c>20%</c>.</summary>
    public static ValueShape Percent { get; } = new(ShapeKind.Percent) { Most = 100 };

    public static ValueShape Target { get; } = new(ShapeKind.Target);

    public static ValueShape Policy { get; } = new(ShapeKind.Policy);

    public static ValueShape Anything { get; } = new(ShapeKind.Anything);

    public static ValueShape Integer(long least, long most) =>
        new(ShapeKind.Integer) { Least = least, Most = most };

    /// <summary>A decimal fraction between whole bounds.</summary>
    public static ValueShape Number(long least, long most) =>
        new(ShapeKind.Number) { Least = least, Most = most };

    public static ValueShape Size(long leastBytes, long mostBytes) =>
        new(ShapeKind.Size) { Least = leastBytes, Most = mostBytes };

    public static ValueShape Duration(TimeSpan least, TimeSpan most) =>
        new(ShapeKind.Duration) { Least = (long)least.TotalMilliseconds, Most = (long)most.TotalMilliseconds };

    public static ValueShape Choice(params ReadOnlySpan<string> names) =>
        new(ShapeKind.Choice) { Names = [.. names] };

    public static ValueShape Section(KeyTable keys) => new(ShapeKind.Section) { Keys = keys };

    /// <summary>A mapping whose keys the operator chooses.</summary>
    public static ValueShape Map(ValueShape value) => new(ShapeKind.Map) { Inner = [value] };

    public static ValueShape List(ValueShape item) => new(ShapeKind.List) { Inner = [item] };

    public static ValueShape Either(params ReadOnlySpan<ValueShape> alternatives) =>
        new(ShapeKind.Either) { Inner = [.. alternatives] };
}
