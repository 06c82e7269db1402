using System.Runtime.InteropServices;

namespace DataPlane.Gateway.Transport.Native;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public void* Start;
    public nint Length;
}
