namespace DataPlane.Tests.Transport;

/// <summary>A test of what only Linux has; elsewhere it is reported as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux()) Skip = "epoll exists on Linux only.";
    }
}
