using System.Collections.Immutable;
using DataPlane.Config;

namespace DataPlane.Gateway.Routing;

/// <summary>
/// One line of the compiled table as people read it. A route with several hosts has a row for each. <c>*</c> is any
/// host; no methods means any; GET implies HEAD unless a row of the same path names HEAD.
/// </summary>
public sealed record RouteTableRow(
    string Host,
    int Priority,
    string Path,
    ImmutableArray<string> Methods,
    ImmutableArray<FieldCondition> Headers,
    ImmutableArray<FieldCondition> Query,
    string RouteId);
