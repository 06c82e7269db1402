namespace DataPlane.Tests.Lambda.Recorded;

/// <summary>An answer of AWS's in the snapshots, and the invocation here that it is compared with.</summary>
internal sealed record RecordedCase(string Test, string Answer, string Function, string Payload = "{}")
{
    public string Type { get; init; } = "RequestResponse";
}
