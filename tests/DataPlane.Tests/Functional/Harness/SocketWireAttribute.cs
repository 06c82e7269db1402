using System.Reflection;
using Xunit.Sdk;

namespace DataPlane.Tests.Functional.Harness;

/// <summary>Runs a theory on the transports of the kernel: for what pipes inside the process do not have.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class SocketWireAttribute(params object[] values) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        if (OperatingSystem.IsLinux()) yield return [Wire.Epoll, .. values];
        yield return [Wire.Sockets, .. values];
    }
}
