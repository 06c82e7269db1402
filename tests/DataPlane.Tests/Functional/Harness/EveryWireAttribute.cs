using System.Reflection;
using Xunit.Sdk;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>Runs a theory once per <see cref="Wire"/> this system has, with the attribute's values behind it.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class EveryWireAttribute(params object[] values) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        if (OperatingSystem.IsLinux()) yield return [Wire.Epoll, .. values];
        yield return [Wire.Sockets, .. values];
        yield return [Wire.Memory, .. values];
    }
}
