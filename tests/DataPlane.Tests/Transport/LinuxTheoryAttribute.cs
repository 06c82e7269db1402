namespace DataPlane.Tests.Transport;

/// <summary>A theory about what only Linux has; elsewhere it is reported as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux()) Skip = "epoll exists on Linux only.";
    }
}
