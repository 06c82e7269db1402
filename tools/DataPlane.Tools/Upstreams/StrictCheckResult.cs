namespace DataPlane.Tools.Upstreams;

/// <summary>
/// <see cref="Fault"/> says what is wrong; else <see cref="Bytes"/> is the length of the first whole request, 0 when
/// more bytes are needed.
/// </summary>
internal readonly record struct StrictCheckResult(int Bytes, string? Fault)
{
    public static StrictCheckResult NeedsMore => default;
}
