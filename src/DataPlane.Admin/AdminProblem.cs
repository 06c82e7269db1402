namespace DataPlane.Admin;

/// <summary>Error body of the admin listener (RFC 9457).</summary>
internal sealed record AdminProblem(string Type, string Title, int Status, string Detail);
