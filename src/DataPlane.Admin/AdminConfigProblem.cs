using DataPlane.Config;

namespace DataPlane.Admin;

/// <summary>Error body for a configuration that was not taken (RFC 9457), with every error it has.</summary>
internal sealed record AdminConfigProblem(
    string Type, string Title, int Status, string Detail, IReadOnlyList<ConfigError> Errors);
