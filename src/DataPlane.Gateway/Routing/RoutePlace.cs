namespace DataPlane.Gateway.Routing;

/// <summary>A route under one of its hosts. The row people read is made of it when somebody asks.</summary>
internal readonly record struct RoutePlace(string Host, RouteCandidate Candidate)
{
    public RouteTableRow ToRow()
    {
        var match = Candidate.Match;
        return new RouteTableRow(
            Host, match.Priority, match.Path.Text, match.Methods, match.Headers, match.Query, Candidate.Route.Id);
    }
}
